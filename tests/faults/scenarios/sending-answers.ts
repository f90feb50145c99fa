import { isSend } from "../../support/gateway-rules.ts";
import type { GatewayAction } from "../../support/http-gateway.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { untilShown } from "../until-current.ts";

/** An answer that does not come is given up by then, and the send tried again. Unit: ms. */
const ANSWER_LIMIT_MS = 30_000;

async function reloadBeforeAck(stage: Stage, action: GatewayAction): Promise<void> {
  const app = await stage.open();
  const session = await app.begin("echo one");
  await untilShown(stage, app, "one");
  const end = stage.gateway.rule({ when: isSend, action });
  const sentAtMs = performance.now();
  await app.send("echo two");
  await stage.until("the send has left", () => stage.gateway.count(isSend, sentAtMs) > 0);
  await app.tab.reload();
  end();
  await untilShown(stage, app, "two", 20_000);
  const turns = await stage.server.logTexts(session);
  if (turns.length !== 2) throw new Error(`The log has ${turns.length} turns instead of 2.`);
}

export const reloadedBeforeAck: Scenario = {
  id: "29",
  title: "Reloaded after the server took a message and before its answer came: one turn",
  run: (stage) => {
    const never = Promise.withResolvers<void>();
    return reloadBeforeAck(stage, { kind: "shape", shape: { kind: "hold", until: never.promise } });
  },
};

export const reloadBeforeSend: Scenario = {
  id: "29a",
  title: "Reloaded while a message was on its way and never arrived: it is sent again, one turn",
  run: (stage) => reloadBeforeAck(stage, { kind: "no-headers" }),
};

async function loseAnswers(
  stage: Stage,
  action: GatewayAction,
  times: number,
  limitMs: number,
): Promise<void> {
  const app = await stage.open();
  const session = await app.begin("echo one");
  await untilShown(stage, app, "one");
  stage.gateway.rule({ when: isSend, times, action });
  const sentAtMs = performance.now();
  await app.send("echo two");
  await stage.until("the send was tried again", () => stage.gateway.count(isSend, sentAtMs) > times, limitMs);
  await stage.until("nothing waits to be sent", async () => {
    return app.tab.evaluate(
      () => document.querySelector('.waiting[data-kind="waiting"]') === null,
      undefined,
    );
  });
  await untilShown(stage, app, "two");
  const turns = await stage.server.logTexts(session);
  if (turns.length !== 2) throw new Error(`The log has ${turns.length} turns instead of 2.`);
}

export const answerLost: Scenario = {
  id: "30",
  title: "The server took a message and its answer was lost: sent again under the same id, one turn",
  run: (stage) => loseAnswers(stage, { kind: "lose-answer" }, 1, 10_000),
};

export const answersLost: Scenario = {
  id: "30a",
  title: "The answer to a send was lost three times in a row: one turn",
  run: (stage) => loseAnswers(stage, { kind: "lose-answer" }, 3, 30_000),
};

export const neverAnswered: Scenario = {
  id: "30b",
  title: "A send that is never answered is given up within 30 s and tried again: one turn",
  run: (stage) => loseAnswers(stage, { kind: "no-headers" }, 1, ANSWER_LIMIT_MS),
};

export const creationLost: Scenario = {
  id: "30c",
  title: "A new session whose creation and first message lost their answers: one session, one turn",
  async run(stage) {
    stage.gateway.rule({
      when: ({ method }) => method === "PUT" || method === "POST",
      times: 2,
      action: { kind: "lose-answer" },
    });
    const app = await stage.open();
    const session = await app.begin("echo one");
    await untilShown(stage, app, "one", 20_000);
    const turns = await stage.server.logTexts(session);
    if (turns.length !== 1) throw new Error(`The log has ${turns.length} turns instead of 1.`);
  },
};
