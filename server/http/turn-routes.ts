import { EditTurnSchema, ResolveApprovalSchema, SendTurnSchema } from "../../src/protocol/requests.ts";
import type { ApiOptions, ApiRoute } from "./api-app.ts";
import { answerJson, answerProblem } from "./json-answer.ts";
import { withApproval, withSession, withTurn } from "./path-ids.ts";
import { bodyOf } from "./request-input.ts";

/** Turns and approvals of a session. */
export function turnRoutes({ backend, limits }: ApiOptions): readonly ApiRoute[] {
  const maxBytes = limits.maxBodyBytes;
  return [
    {
      method: "POST",
      path: "/sessions/:sid/turns",
      answer: withSession(async (context, sid) => {
        const body = await bodyOf(context, SendTurnSchema, maxBytes);
        if (!body.ok) return answerProblem(context, body.error);
        const done = await backend.sendTurn(sid, body.value);
        if (!done.ok) return answerProblem(context, done.error);
        return answerJson(
          context,
          { turn: done.value.turn },
          { ...limits, status: done.value.isKnown ? 200 : 202 },
        );
      }),
    },
    {
      method: "PATCH",
      path: "/sessions/:sid/turns/:tid",
      answer: withTurn(async (context, sid, tid) => {
        const body = await bodyOf(context, EditTurnSchema, maxBytes);
        if (!body.ok) return answerProblem(context, body.error);
        const done = await backend.editTurn(sid, tid, body.value);
        return done.ok ? answerJson(context, { turn: tid }, limits) : answerProblem(context, done.error);
      }),
    },
    {
      method: "DELETE",
      path: "/sessions/:sid/turns/:tid",
      answer: withTurn(async (context, sid, tid) => {
        const done = await backend.withdrawTurn(sid, tid);
        return done.ok ? context.body(null, 204) : answerProblem(context, done.error);
      }),
    },
    {
      method: "POST",
      path: "/sessions/:sid/turns/:tid/stop",
      answer: withTurn(async (context, sid, tid) => {
        const done = await backend.stopTurn(sid, tid);
        return done.ok
          ? answerJson(context, { turn: tid }, { ...limits, status: 202 })
          : answerProblem(context, done.error);
      }),
    },
    {
      method: "POST",
      path: "/sessions/:sid/approvals/:aid",
      answer: withApproval(async (context, sid, aid) => {
        const body = await bodyOf(context, ResolveApprovalSchema, maxBytes);
        if (!body.ok) return answerProblem(context, body.error);
        const done = await backend.resolveApproval(sid, aid, body.value);
        return done.ok
          ? answerJson(context, { approval: aid, option: body.value.option }, limits)
          : answerProblem(context, done.error);
      }),
    },
  ];
}
