import { countText } from "./demo-texts.ts";
import { expect, openSources, test } from "./harness.ts";

test.use({ serverEnv: { HOLDFAST_PASSWORD: "correct horse" } });

test("with a password nothing is shown before the sign-in, and everything works after it", async ({
  chat,
  page,
  holdfast,
}) => {
  expect((await fetch(`${holdfast.directUrl}/api/sessions`)).status).toBe(401);
  await page.goto("/");
  const password = page.getByLabel("Password");
  await password.fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText(/password/i);
  await password.fill("correct horse");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(chat.message).toBeVisible();
  await chat.begin("count 30 10");
  await expect(chat.answerText()).toHaveText(countText(30));
});

test("a sign-out in another tab ends the stream, keeps what is shown, and a sign-in goes on", async ({
  chat,
  page,
  context,
}) => {
  await page.goto("/");
  await page.getByLabel("Password").fill("correct horse");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(chat.message).toBeVisible();
  await chat.begin("count 200 20");
  await expect(chat.answerText()).toContainText("1 2 3 4 5");
  await chat.message.fill("unsent words");
  const answer = await context.request.post("/api/sign-out", {
    headers: { "sec-fetch-site": "same-origin" },
  });
  expect(answer.status()).toBe(204);
  await expect(chat.connection).toHaveText(/^Signed out/);
  await expect.poll(() => openSources(page)).toBe(0);
  await expect(chat.answerText()).toContainText("1 2 3 4 5");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Password").fill("correct horse");
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(chat.answerText()).toHaveText(countText(200), { timeout: 20_000 });
  await expect(chat.message).toHaveValue("unsent words");
});
