import type { Scenario } from "../scenario.ts";
import { untilShown } from "../until-current.ts";

export const sentAtOnce: Scenario = {
  id: "44",
  title: "Two tabs of one session send at once: both messages run once, both tabs show both",
  async run(stage) {
    const one = await stage.open();
    const session = await one.begin("echo zero");
    await untilShown(stage, one, "zero");
    const two = await stage.open(`/s/${session}`);
    await untilShown(stage, two, "zero");
    for (let round = 1; round <= 3; round += 1) {
      await Promise.all([one.send(`echo one ${round}`), two.send(`echo two ${round}`)]);
    }
    for (const app of [one, two]) {
      await stage.until("all seven answers are there", async () => (await app.answers()).length === 7);
    }
    const sent = (await stage.server.logTexts(session)).map(({ message }) => message);
    for (const who of ["one", "two"]) {
      const order = sent.filter((message) => message.startsWith(`echo ${who}`)).join();
      const wanted = [1, 2, 3].map((round) => `echo ${who} ${round}`).join();
      if (order !== wanted) throw new Error(`Tab ${who} sent ${wanted}, and the log says ${order}.`);
    }
  },
};

export const draftInTwoTabs: Scenario = {
  id: "44a",
  title: "Two tabs write the same draft: the last writer's is what a third one finds, and it is sent once",
  async run(stage) {
    const one = await stage.open();
    const session = await one.begin("echo zero");
    await untilShown(stage, one, "zero");
    const two = await stage.open(`/s/${session}`);
    await untilShown(stage, two, "zero");
    await one.draft("echo from one");
    await two.tab.evaluate(
      () => document.querySelector<HTMLTextAreaElement>("textarea.composer-field")?.select(),
      undefined,
    );
    await two.draft("echo from two");
    const written = await two.composerText();
    const third = await stage.open(`/s/${session}`);
    await stage.until("the last writer's draft", async () => (await third.composerText()) === written);
    await two.send("");
    await untilShown(stage, two, "from two");
    const fourth = await stage.open(`/s/${session}`);
    await untilShown(stage, fourth, "from two");
    const left = await fourth.composerText();
    if (left.includes("from two")) throw new Error(`What was sent is a draft again: ${left}`);
  },
};
