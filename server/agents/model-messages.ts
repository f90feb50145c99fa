import type { ModelMessage } from "ai";
import type { AgentRequest } from "../../src/backend/ports.ts";
import type { Attachment } from "../../src/protocol/events.ts";

type UserParts = Exclude<Extract<ModelMessage, { role: "user" }>["content"], string>;

const CONTINUE =
  "Your answer was cut off. Continue it exactly where it stopped: begin with the very next character, " +
  "repeat nothing of it, and add no preface.";

const TEXT_TYPES =
  /^(text\/.*|application\/(json|xml|yaml|x-yaml|toml|javascript|sql|x-sh)|.*\+(json|xml))$/i;

/**
 * What a model is told. Messages of one role in a row are joined: after a turn without an answer
 * there are two questions, and many chat templates refuse roles that don't alternate.
 */
export function toModelMessages(request: AgentRequest): ModelMessage[] {
  const { continuesFrom } = request;
  const messages: ModelMessage[] = [];
  for (const message of request.history) {
    if (message.role === "user") addUser(messages, userParts(message.text, message.attachments ?? []));
    else addAssistant(messages, message.text);
  }
  if (continuesFrom === undefined) {
    addUser(messages, userParts(request.text, request.attachments));
    return messages;
  }
  addAssistant(messages, continuesFrom);
  // Nothing was said yet: then it is the question that is answered, by the wish that came with it if any.
  const wish = continuesFrom.trim() === "" ? request.text : `${CONTINUE}\n\n${request.text}`;
  addUser(messages, userParts(wish.trim(), request.attachments));
  return messages;
}

function addAssistant(messages: ModelMessage[], text: string): void {
  if (text.trim() === "") return;
  const last = messages.at(-1);
  if (last?.role === "assistant" && typeof last.content === "string") last.content += `\n\n${text}`;
  else messages.push({ role: "assistant", content: text });
}

function addUser(messages: ModelMessage[], parts: UserParts): void {
  if (parts.length === 0) return;
  const last = messages.at(-1);
  if (last?.role === "user" && typeof last.content !== "string")
    last.content = joinTexts([...last.content, ...parts]);
  else messages.push({ role: "user", content: joinTexts(parts) });
}

/** One text where there are only texts: the plain form of a message, which every server takes. */
function joinTexts(parts: UserParts): UserParts {
  const texts = parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
  return texts.length === parts.length ? [{ type: "text", text: texts.join("\n\n") }] : parts;
}

function userParts(text: string, attachments: readonly Attachment[]): UserParts {
  const parts: UserParts = attachments.map(attachmentPart);
  if (text !== "") parts.push({ type: "text", text });
  return parts;
}

function attachmentPart({ name, mediaType, data }: Attachment): UserParts[number] {
  const type = mediaType.split(";")[0]?.trim() ?? "";
  if (/^image\//i.test(type)) return { type: "file", data: { type: "data", data }, mediaType: type };
  if (TEXT_TYPES.test(type)) {
    const content = Buffer.from(data, "base64").toString("utf8");
    const fence = longestFence(content);
    return { type: "text", text: `Attached file "${name}":\n\n${fence}\n${content}\n${fence}` };
  }
  return { type: "text", text: `[A file "${name}" (${mediaType}) is attached, which can't be read here.]` };
}

/** A fence that nothing in `content` closes. */
function longestFence(content: string): string {
  const runs = content.match(/`{3,}/g) ?? [];
  return "`".repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
}
