import { EditTurnSchema, ResolveApprovalSchema, SendTurnSchema } from "../../src/protocol/requests.ts";
import type { ApiOptions, ApiRoute } from "./api-app.ts";
import { answerJson, answerProblem } from "./json-answer.ts";
import { approvalIdOf, bodyOf, sessionIdOf, turnIdOf } from "./request-input.ts";

/** Turns and approvals of a session. */
export function turnRoutes({ backend, limits }: ApiOptions): readonly ApiRoute[] {
  const maxBytes = limits.maxBodyBytes;
  return [
    {
      method: "POST",
      path: "/sessions/:sid/turns",
      async answer(context) {
        const sid = sessionIdOf(context);
        if (!sid.ok) return answerProblem(context, sid.error);
        const body = await bodyOf(context, SendTurnSchema, maxBytes);
        if (!body.ok) return answerProblem(context, body.error);
        const done = await backend.sendTurn(sid.value, body.value);
        if (!done.ok) return answerProblem(context, done.error);
        return answerJson(
          context,
          { turn: done.value.turn },
          { ...limits, status: done.value.isKnown ? 200 : 202 },
        );
      },
    },
    {
      method: "PATCH",
      path: "/sessions/:sid/turns/:tid",
      async answer(context) {
        const sid = sessionIdOf(context);
        if (!sid.ok) return answerProblem(context, sid.error);
        const tid = turnIdOf(context);
        if (!tid.ok) return answerProblem(context, tid.error);
        const body = await bodyOf(context, EditTurnSchema, maxBytes);
        if (!body.ok) return answerProblem(context, body.error);
        const done = await backend.editTurn(sid.value, tid.value, body.value);
        return done.ok
          ? answerJson(context, { turn: tid.value }, limits)
          : answerProblem(context, done.error);
      },
    },
    {
      method: "DELETE",
      path: "/sessions/:sid/turns/:tid",
      async answer(context) {
        const sid = sessionIdOf(context);
        if (!sid.ok) return answerProblem(context, sid.error);
        const tid = turnIdOf(context);
        if (!tid.ok) return answerProblem(context, tid.error);
        const done = await backend.withdrawTurn(sid.value, tid.value);
        return done.ok ? context.body(null, 204) : answerProblem(context, done.error);
      },
    },
    {
      method: "POST",
      path: "/sessions/:sid/turns/:tid/stop",
      async answer(context) {
        const sid = sessionIdOf(context);
        if (!sid.ok) return answerProblem(context, sid.error);
        const tid = turnIdOf(context);
        if (!tid.ok) return answerProblem(context, tid.error);
        const done = await backend.stopTurn(sid.value, tid.value);
        return done.ok
          ? answerJson(context, { turn: tid.value }, { ...limits, status: 202 })
          : answerProblem(context, done.error);
      },
    },
    {
      method: "POST",
      path: "/sessions/:sid/approvals/:aid",
      async answer(context) {
        const sid = sessionIdOf(context);
        if (!sid.ok) return answerProblem(context, sid.error);
        const aid = approvalIdOf(context);
        if (!aid.ok) return answerProblem(context, aid.error);
        const body = await bodyOf(context, ResolveApprovalSchema, maxBytes);
        if (!body.ok) return answerProblem(context, body.error);
        const done = await backend.resolveApproval(sid.value, aid.value, body.value);
        return done.ok
          ? answerJson(context, { approval: aid.value, option: body.value.option }, limits)
          : answerProblem(context, done.error);
      },
    },
  ];
}
