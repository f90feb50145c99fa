import { expect, test } from "./harness.ts";

test("no string becomes HTML or a script anywhere in the page, and the page works without", async ({
  chat,
  page,
}) => {
  const refused: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy|Trusted/.test(message.text())) refused.push(message.text());
  });
  const response = await page.goto("/");
  const policy = response?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toContain("unsafe");
  await chat.send("code");
  await expect(chat.answerText()).toContainText("checked by a compiler");
  await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true");
  // The colours come from a worker, whose address is the one thing that is made trusted.
  await expect(page.locator(".md-code [class^='tok-']").first()).toBeAttached();
  expect(refused).toEqual([]);

  const tried = await page.evaluate(() =>
    [
      () => (document.body.innerHTML = "<b>x</b>"),
      () => document.body.insertAdjacentHTML("beforeend", "<b>x</b>"),
      () => new DOMParser().parseFromString("<b>x</b>", "text/html"),
      () => (document.createElement("script").src = "https://e.org/x.js"),
      () => (document.createElement("iframe").srcdoc = "<b>x</b>"),
    ].map((attempt) => {
      try {
        attempt();
        return "done";
      } catch (error) {
        return error instanceof Error ? error.name : String(error);
      }
    }),
  );
  // `eval` is not among them: what a test evaluates may use it in spite of any policy.
  expect(tried).toEqual(tried.map(() => "TypeError"));
});

test("a picture of an answer is asked for only when it is pressed, and is not told where from", async ({
  chat,
  page,
}) => {
  const asked: (string | undefined)[] = [];
  await page.route("https://pictures.example/**", async (route) => {
    asked.push(route.request().headers()["referer"] ?? "nowhere");
    await route.fulfill({
      contentType: "image/svg+xml",
      body: '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>',
    });
  });
  await chat.open();
  await chat.begin("echo ![A lighthouse](https://pictures.example/secret.svg)");
  const button = page.getByRole("button", { name: /A lighthouse/ });
  await expect(button).toContainText("pictures.example");
  expect(asked).toEqual([]);
  await button.click();
  await expect(page.getByRole("img", { name: "A lighthouse" })).toHaveJSProperty("naturalWidth", 40);
  expect(asked).toEqual(["nowhere"]);
});
