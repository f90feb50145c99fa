import { expect, test } from "vitest";
import { toModelMessages } from "../../../../server/agents/model-messages.ts";
import type { Attachment } from "../../../../src/protocol/events.ts";
import { agentRequest, type RequestDraft } from "../../../support/agent-run.ts";

function told(draft: RequestDraft): readonly (readonly [string, unknown])[] {
  return toModelMessages(agentRequest(draft)).map(({ role, content }) => [role, content] as const);
}

function text(value: string): readonly unknown[] {
  return [{ type: "text", text: value }];
}

function file(name: string, mediaType: string, content: string): Attachment {
  return { name, mediaType, data: Buffer.from(content).toString("base64") };
}

test("history comes first and the question last", () => {
  const history = [
    { role: "user", text: "Q1" },
    { role: "assistant", text: "A1" },
  ] as const;
  expect(told({ history, text: "Q2" })).toEqual([
    ["user", text("Q1")],
    ["assistant", "A1"],
    ["user", text("Q2")],
  ]);
});

test("a turn without an answer leaves no two messages of one role in a row", () => {
  const history = [
    { role: "user", text: "Q1" },
    { role: "assistant", text: "" },
    { role: "user", text: "Q2" },
  ] as const;
  expect(told({ history, text: "Q3" })).toEqual([["user", text("Q1\n\nQ2\n\nQ3")]]);
});

test("a turn that continues gives the partial answer and asks for the rest", () => {
  const history = [{ role: "user", text: "Count." }] as const;
  const [question, partial, wish] = told({ history, text: "", continuesFrom: "One, two, th" });
  expect(question).toEqual(["user", text("Count.")]);
  expect(partial).toEqual(["assistant", "One, two, th"]);
  expect(wish?.[0]).toBe("user");
  expect(JSON.stringify(wish?.[1])).toContain("exactly where it stopped");
});

test("a turn that continues an empty answer just asks the question", () => {
  const history = [{ role: "user", text: "Count." }] as const;
  expect(told({ history, text: "", continuesFrom: "" })).toEqual([["user", text("Count.")]]);
});

test("an attached text is inlined under its name, in a fence it can't close", () => {
  const [message] = told({ text: "Explain.", attachments: [file("a.md", "text/markdown", "````\nx\n````")] });
  expect(message?.[1]).toEqual(text('Attached file "a.md":\n\n`````\n````\nx\n````\n`````\n\nExplain.'));
});

test.each(["application/json", "application/ld+json", "text/plain; charset=utf-8"])(
  "%s counts as text",
  (mediaType) => {
    const [message] = told({ text: "", attachments: [file("a", mediaType, "{}")] });
    expect(JSON.stringify(message?.[1])).toContain("{}");
  },
);

test("an attached image is an image", () => {
  const [message] = told({ text: "What is it?", attachments: [file("a.png", "image/png", "png")] });
  expect(message?.[1]).toEqual([
    {
      type: "file",
      data: { type: "data", data: Buffer.from("png").toString("base64") },
      mediaType: "image/png",
    },
    { type: "text", text: "What is it?" },
  ]);
});

test("a file that can't be read is named", () => {
  const [message] = told({ text: "?", attachments: [file("a.zip", "application/zip", "zip")] });
  expect(JSON.stringify(message?.[1])).toContain("can't be read");
});
