import { findBrowser } from "../support/browsers.ts";
import { countText } from "./demo-texts.ts";
import { expect, test } from "./harness.ts";

const executablePath = findBrowser("chromium");

// A name that is not this machine's loopback: to the browser a server on the LAN, over plain http.
test.use({
  serverEnv: { HOLDFAST_PASSWORD: "correct horse", HOLDFAST_ALLOWED_HOSTS: "phone.test" },
  launchOptions: {
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--host-resolver-rules=MAP phone.test 127.0.0.1",
    ],
  },
});

test("over plain http on a LAN, which is no secure context, everything works and it says so", async ({
  chat,
  page,
  holdfast,
}) => {
  await page.goto(`${holdfast.url.replace("127.0.0.1", "phone.test")}/`);
  await page.getByLabel("Password").fill("correct horse");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(chat.message).toBeVisible();
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await expect(page.getByText(/https/i).first()).toBeVisible();
  const session = await chat.begin("count 100 20");
  await expect(chat.answerText()).toContainText("1 2 3");
  await chat.begin("echo elsewhere");
  await expect(chat.answerText()).toHaveText("elsewhere");
  await chat.switchTo(session);
  await page.reload();
  await expect(chat.answerText()).toHaveText(countText(100), { timeout: 20_000 });
  await chat.send("echo again");
  await expect(chat.answerText(1)).toHaveText("again");
});
