import { render } from "preact";
import { createBrowserEnvironment } from "./app/browser-environment.ts";
import { createApp } from "./app/compose.ts";
import { loadConversationSearch } from "./app/late-conversation-search.ts";
import { App } from "./ui/app.tsx";
import { preloadLateComponents } from "./ui/late-components.tsx";
import { loadAnswerWriter } from "./ui/text-writer.ts";
import "./ui/styles/tokens.css";
import "./ui/styles/controls.css";
import "./ui/styles/layout.css";
import "./ui/styles/sidebar.css";
import "./ui/styles/conversation.css";
import "./ui/styles/answer.css";
import "./ui/styles/composer.css";
import "./ui/styles/overlays.css";

// Both comparisons are constants in a build, so that the mock's code is not even referred to by a real one.
if (import.meta.env.DEV || import.meta.env.MODE === "mock") {
  const { startMocks } = await import("./mocks/start-mocks.ts");
  await startMocks();
}

const root = document.querySelector("#app");
if (root === null) throw new Error("index.html has no element #app.");

const app = createApp(createBrowserEnvironment());
app.start();
render(<App handle={app} />, root);
void loadAnswerWriter().then(preloadLateComponents).then(loadConversationSearch);
