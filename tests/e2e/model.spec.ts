import { startModelServer, type ModelServer } from "../support/model-server.ts";
import { WORDS } from "../support/model-script.ts";
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
    use({ OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: "sk-test-1234", OPENAI_MODEL: "words,manual" }),
});

const ANSWER = WORDS.join("");

test("with a model address set, the model answers by default, reasoning apart from answer", async ({
  chat,
  page,
  model,
}) => {
  await chat.open();
  await expect(page.getByRole("combobox", { name: "Agent" })).toContainText("words");
  await chat.begin("!manual what is the answer?");
  const answer = await model.next();
  expect(answer.request.headers.authorization).toBe("Bearer sk-test-1234");
  answer.reasoning("First I think. ");
  await expect(page.locator('[data-part="reasoning"]')).toContainText("First I think.");
  answer.reasoning("Then I know.");
  answer.text("It is **forty");
  await expect(chat.answerText()).toContainText("forty");
  answer.text("-two**.");
  answer.finish();
  await expect(chat.answerText()).toHaveText("It is forty-two.");
  await expect(page.locator('[data-part="reasoning"]')).toContainText("First I think. Then I know.");
  await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true");
});

test("the model is told the conversation so far", async ({ chat, model }) => {
  await chat.open();
  await chat.begin("first question");
  await expect(chat.answerText()).toHaveText(ANSWER);
  await chat.send("second question");
  await expect(chat.answerText(1)).toHaveText(ANSWER);
  expect(model.requests.at(-1)?.messages.map(({ role, content }) => `${role}: ${String(content)}`)).toEqual([
    "user: first question",
    `assistant: ${ANSWER}`,
    "user: second question",
  ]);
});

for (const [how, ends] of [
  ["cut by a reset", "reset"],
  ["ended without a word", "fin"],
] as const) {
  test(`a model connection ${how} ends the turn as failed in words, keeps the text, and Retry works`, async ({
    chat,
    page,
    model,
    holdfast,
  }) => {
    await chat.open();
    const session = await chat.begin("!manual tell me");
    const answer = await model.next();
    answer.text("Half of an");
    await expect(chat.answerText()).toContainText("Half of an");
    if (ends === "reset") answer.reset();
    else answer.fin();
    await expect(chat.answers.first()).toContainText(/connection|cut|broke/i);
    await expect(chat.answerText()).toHaveText("Half of an");
    expect((await holdfast.logTexts(session))[0]).toMatchObject({ text: "Half of an", outcome: "failed" });
    await page.getByRole("button", { name: "Retry" }).click();
    const again = await model.next();
    again.text("The whole answer.");
    again.finish();
    await expect(chat.answerText()).toHaveText("The whole answer.");
    // The failed one gave its place and is kept as an alternative.
    await expect(chat.answers).toHaveCount(1);
    expect((await holdfast.logTexts(session)).map((turn) => turn.outcome)).toEqual(["failed", "complete"]);
    // What only it holds is found, and chooses it.
    await page.keyboard.press("Control+f");
    await page.getByRole("searchbox", { name: "Find in conversation" }).fill("Half of");
    await expect(chat.answerText()).toHaveText("Half of an");
  });
}

test("a wrong key, an unknown model and a refused connection are said in words, and never the key", async ({
  chat,
  page,
  model,
}) => {
  await chat.open();
  model.requireKey("another");
  await chat.begin("hello");
  await expect(chat.answers.last()).toContainText(/key/i);
  await expect(chat.answers.last()).not.toContainText("sk-test-1234");
  model.requireKey("sk-test-1234");
  await page.getByRole("button", { name: "Retry" }).click();
  await expect(chat.answerText()).toHaveText(ANSWER);

  await chat.send("!unknown hello");
  await expect(chat.answers.last()).toContainText(/model/i);
  await model.close();
  await chat.send("hello again");
  await expect(chat.answers.last()).toContainText(/reach|refused|connect/i);
  await expect(page.locator("body")).not.toContainText("sk-test-1234");
});

test("stop closes the connection to the model and keeps what had come", async ({ chat, page, model }) => {
  await chat.open();
  await chat.begin("!manual go on for ever");
  const answer = await model.next();
  answer.text("Some words");
  await expect(chat.answerText()).toContainText("Some words");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await answer.request.closed;
  expect(answer.request.isAborted()).toBe(true);
  await expect(chat.answerText()).toHaveText("Some words");
  await expect(chat.answers.first()).not.toHaveAttribute("aria-busy", "true");
});
