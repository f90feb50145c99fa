import type { ApprovalId, SessionId, TurnId } from "../../src/protocol/ids.ts";
import { answerProblem, type ApiContext } from "./json-answer.ts";
import { approvalIdOf, sessionIdOf, turnIdOf } from "./request-input.ts";

type Answer<Ids extends readonly unknown[]> = (context: ApiContext, ...ids: Ids) => Promise<Response>;

/** Answers once the session's id of the path is one; a bad one is refused by its name. [P2.44] */
export function withSession(answer: Answer<[SessionId]>): (context: ApiContext) => Promise<Response> {
  return async (context) => {
    const sid = sessionIdOf(context);
    return sid.ok ? answer(context, sid.value) : answerProblem(context, sid.error);
  };
}

/** As {@link withSession}, with the turn's id. */
export function withTurn(answer: Answer<[SessionId, TurnId]>): (context: ApiContext) => Promise<Response> {
  return withSession(async (context, sid) => {
    const tid = turnIdOf(context);
    return tid.ok ? answer(context, sid, tid.value) : answerProblem(context, tid.error);
  });
}

/** As {@link withSession}, with the approval's id. */
export function withApproval(
  answer: Answer<[SessionId, ApprovalId]>,
): (context: ApiContext) => Promise<Response> {
  return withSession(async (context, sid) => {
    const aid = approvalIdOf(context);
    return aid.ok ? answer(context, sid, aid.value) : answerProblem(context, aid.error);
  });
}
