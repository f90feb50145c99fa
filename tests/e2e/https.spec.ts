import { countText } from "./demo-texts.ts";
import { expect, test } from "./harness.ts";

const file = (name: string): string => new URL(`../support/tls/${name}`, import.meta.url).pathname;

test.use({
  serverEnv: {
    HOLDFAST_TLS_CERT: file("test-cert.pem"),
    HOLDFAST_TLS_KEY: file("test-key.pem"),
    HOLDFAST_PASSWORD: "correct horse",
  },
  ignoreHTTPSErrors: true,
});

test("over https: HTTP/2, a cookie that only https carries, and streams that survive a reset", async ({
  chat,
  page,
  context,
  holdfast,
}) => {
  const origin = holdfast.url.replace("http:", "https:");
  await page.goto(`${origin}/`);
  await page.getByLabel("Password").fill("correct horse");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(chat.message).toBeVisible();
  const cookies = await context.cookies();
  expect(cookies).toHaveLength(1);
  expect(cookies[0]).toMatchObject({ secure: true, httpOnly: true, sameSite: "Strict", path: "/" });
  expect(cookies[0]?.name).toMatch(/^__Host-/);
  const protocols = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .flatMap((entry) => (entry instanceof PerformanceResourceTiming ? [entry.nextHopProtocol] : [])),
  );
  expect(protocols).toContain("h2");
  await chat.begin("count 150 20");
  await expect(chat.answerText()).toContainText("1 2 3 4 5");
  holdfast.proxy.rst();
  await expect(chat.answerText()).toHaveText(countText(150), { timeout: 20_000 });
});
