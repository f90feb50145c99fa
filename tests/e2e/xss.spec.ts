import type { Page } from "@playwright/test";
import { cutAtRandom } from "../support/markdown/chunkings.ts";
import { EVIL_ADDRESSES, EVIL_MARKUP, PLACES } from "../support/markdown/xss-payloads.ts";
import { startModelServer, type ModelServer } from "../support/model-server.ts";
import { expect, test as base } from "./harness.ts";

interface ModelFixtures {
  readonly model: ModelServer;
}

const test = base.extend<ModelFixtures>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright wants a pattern here
  model: async ({}, use) => {
    const model = await startModelServer();
    await use(model);
    await model.close();
  },
  serverEnv: async ({ model }, use) =>
    use({ OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: "sk-test-1234", OPENAI_MODEL: "manual" }),
});

/** Each in a quote of its own, so that none of them swallows the next. */
const quoted = (markdown: string): string => `> ${markdown.replaceAll(/\r\n|\n|\r/g, "\n> ")}\n\n`;

/** A part of the payloads, each in one place; the unit tests put all of them everywhere. */
const EVIL_ANSWER = [...EVIL_MARKUP, ...EVIL_ADDRESSES]
  .filter((_, index) => index % 3 === 0)
  .map((payload, index) => {
    const places = Object.values(PLACES);
    return quoted(places[index % places.length]?.(payload) ?? payload);
  })
  .join("");

/** Not https: the page's policy has no place for it. */
const REFUSED_PICTURE = "http://127.0.0.1:1/pixel.png";

/** What nobody asked for: answers from elsewhere, dialogs, windows. A request that the policy refuses is none. */
function watchForHarm(
  page: Page,
  origin: string,
  refused: ReadonlySet<string> = new Set(),
): readonly string[] {
  const harm: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(origin) || /^(?:blob|data):/.test(request.url())) return;
    if (!refused.has(request.url())) harm.push(`asked for ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    harm.push(`said ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", (popup) => harm.push(`opened ${popup.url()}`));
  page.on("framenavigated", (frame) => {
    if (!frame.url().startsWith(origin)) harm.push(`went to ${frame.url()}`);
  });
  return harm;
}

test("an answer of nothing but payloads runs nothing and asks for nothing", async ({
  chat,
  page,
  model,
  holdfast,
}) => {
  await chat.open();
  const harm = watchForHarm(page, holdfast.url);
  await chat.begin("!manual do your worst");
  const answer = await model.next();
  for (const piece of cutAtRandom(EVIL_ANSWER, 4, 4_000)) answer.text(piece);
  answer.text("\n\nThe **end** of it.\n");
  answer.finish();
  await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true");
  // Some thousand elements, over frames that have a budget.
  await expect(chat.answerText()).toContainText("The end of it.", { timeout: 30_000 });

  const found = await chat.answerText().evaluate((mount) => {
    const elements = [...mount.querySelectorAll("*")];
    const live = "script,iframe,frame,object,embed,link,meta,base,form,style,img,video,audio,source,template";
    return {
      live: elements
        .filter((element) => element.matches(live))
        .map((element) => element.outerHTML.slice(0, 200)),
      handlers: elements.filter((element) =>
        element.getAttributeNames().some((name) => name.startsWith("on")),
      ).length,
      protocols: [
        ...new Set(
          [...mount.querySelectorAll("a[href]")].map((link) => (link as HTMLAnchorElement).protocol),
        ),
      ],
      pwned: "pwned" in window,
      count: elements.length,
    };
  });
  expect(found.live).toEqual([]);
  expect(found.handlers).toBe(0);
  expect(found.pwned).toBe(false);
  expect(found.count).toBeGreaterThan(1_000);
  // Those of the page itself are footnotes.
  expect(["http:", "https:", "mailto:", "tel:"]).toEqual(expect.arrayContaining(found.protocols));
  expect(harm).toEqual([]);
});

test("the page refuses to run what would get into it nevertheless", async ({ chat, page, holdfast }) => {
  await chat.open();
  // The browser tells of it before its policy has refused it.
  const harm = watchForHarm(page, holdfast.url, new Set([REFUSED_PICTURE]));
  const seen = await page.evaluate(async (address) => {
    const violations: string[] = [];
    document.addEventListener("securitypolicyviolation", (event) =>
      violations.push(event.effectiveDirective),
    );
    const holder = document.createElement("div");
    document.body.append(holder);
    const caught: string[] = [];
    const attempt = (name: string, act: () => void): void => {
      try {
        act();
      } catch (error) {
        caught.push(`${name}: ${(error as Error).name}`);
      }
    };
    // Each of these is a string where Trusted Types want a type that nothing here may make.
    attempt("innerHTML", () => (holder.innerHTML = "<img src=x onerror=window.pwned=1>"));
    attempt("document.write", () => document.write("<script>window.pwned=1</script>"));
    attempt("script", () => (document.createElement("script").text = "window.pwned=1"));
    attempt("policy", () => {
      const { trustedTypes } = window as unknown as {
        trustedTypes: { createPolicy(name: string, rules: object): object };
      };
      trustedTypes.createPolicy("mine", { createHTML: (html: string) => html });
    });
    holder.setAttribute("style", "color: red");
    const image = document.createElement("img");
    image.src = address;
    holder.append(image);
    await new Promise((resolve) => image.addEventListener("error", resolve));
    holder.remove();
    return { caught, violations, pwned: "pwned" in window };
  }, REFUSED_PICTURE);
  expect(seen.caught).toEqual([
    "innerHTML: TypeError",
    "document.write: TypeError",
    "script: TypeError",
    "policy: TypeError",
  ]);
  expect(seen.violations).toEqual(expect.arrayContaining(["img-src", "require-trusted-types-for"]));
  expect(seen.pwned).toBe(false);
  expect(harm).toEqual([]);
});
