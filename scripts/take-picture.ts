/** Takes the README's picture, `docs/images/conversation.png`, of the built app: `node scripts/take-picture.ts`. */
import { mkdirSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { chromium, type Page } from "@playwright/test";
import { findBrowser } from "../tests/support/browsers.ts";
import { Holdfast } from "../tests/support/holdfast-process.ts";
import { startModelServer } from "../tests/support/model-server.ts";

const FOLDER = new URL("../docs/images/", import.meta.url);
const MODEL = "qwen3-coder";
const QUESTION = "How do I resume a stream?\nMy EventSource misses events after a reconnect.";
const ANSWER = `Give every event a **sequence number when it is committed**, and let the client keep the last one it has *applied*, not the last one it has received.

1. On connect, send that number as the cursor.
2. Replay everything after it from the log.
3. Only then follow what is new; drop what is not above the cursor.

\`\`\`ts
function apply(event: LogEvent): void {
  if (event.seq <= cursor) return; // a double, from the replay
  if (event.seq !== cursor + 1) return resync(); // a hole: read the log again
  conversation = fold(conversation, event);
  cursor = event.seq;
}
\`\`\`

| what happens | what the reader sees |
| --- | --- |
| the network drops | a pause, then the next character |
| the server restarts | what was shown stays |

The browser's own \`Last-Event-ID\` is not enough: it is forgotten by a reload, and it says`;

/** Sessions around the one in the picture: what each is asked, and by which agent it is answered. */
const OTHERS = [
  { title: "Lisbon in spring", agent: "demo", text: "echo done", isPinned: true, isRead: true },
  { title: "Raft, explained simply", agent: "demo", text: "echo done", isRead: true },
  { title: "Parser commit message", agent: "demo", text: "echo done", isRead: true },
  { title: "Nightly evaluation run", agent: "demo", text: "fail" },
  { title: "Review the importer", agent: "demo", text: "echo done" },
  { title: "Clean the build cache", agent: "demo", text: "approve" },
  { title: "Translate the notes", agent: "demo", text: "count 5000 50" },
] as const;

const model = await startModelServer();
model.setModels([MODEL]);
const holdfast = await Holdfast.start({ OPENAI_BASE_URL: model.baseUrl, OPENAI_MODEL: MODEL });
const executablePath = findBrowser("chromium");
const browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: ["--no-sandbox"],
});
try {
  const page = await browser.newPage({
    baseURL: holdfast.url,
    viewport: { width: 1280, height: 800 },
    colorScheme: "light",
    serviceWorkers: "block",
  });
  for (const other of OTHERS.filter((candidate) => "isRead" in candidate)) await begin(other);
  await page.goto("/");
  // What the page finds at its start counts as read; what ends from then on does not.
  await page.getByRole("link", { name: "Raft, explained simply" }).waitFor();
  for (const other of OTHERS.filter((candidate) => !("isRead" in candidate))) await begin(other);
  await askInThePicture(page);
  const marks = page.getByRole("navigation", { name: "Sessions" }).getByRole("img");
  for (const mark of ["Needs you", "Failed", "Finished, unread", "Running"]) {
    await marks
      .and(page.getByLabel(mark, { exact: true }))
      .first()
      .waitFor();
  }
  mkdirSync(FOLDER, { recursive: true });
  await page.screenshot({ path: new URL("conversation.png", FOLDER).pathname, animations: "disabled" });
} finally {
  await browser.close();
  await holdfast.stop();
  await model.close();
}

/** Leaves the answer in the middle of a sentence. */
async function askInThePicture(page: Page): Promise<void> {
  model.script(MODEL, { steps: [...pieces(ANSWER), { end: "hang" }] });
  await page.getByRole("combobox", { name: "Agent" }).selectOption({ label: MODEL });
  await page.getByRole("textbox", { name: "Message" }).fill(QUESTION);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("and it says").waitFor();
}

function* pieces(text: string): Generator<{ text: string } | { waitMs: number }> {
  for (const [piece] of text.matchAll(/\S+\s*/g)) {
    yield { text: piece };
    yield { waitMs: 2 };
  }
}

async function begin(session: (typeof OTHERS)[number]): Promise<void> {
  const path = `/api/sessions/${randomUUID()}`;
  await call("PUT", path, { title: session.title, agent: session.agent });
  await call("POST", `${path}/turns`, { id: randomUUID(), text: session.text });
  if ("isPinned" in session) await call("PATCH", path, { pinned: true });
}

async function call(method: string, path: string, body: object): Promise<void> {
  const response = await fetch(`${holdfast.directUrl}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}
