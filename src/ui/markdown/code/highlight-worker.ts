import type { HighlightRequest } from "./highlight-messages.ts";
import { createHighlightService } from "./highlight-service.ts";

// Entry of the worker. The global's type is the window's here: of it only these two are used.
const service = createHighlightService((message) => postMessage(message));
addEventListener("message", (event: MessageEvent<HighlightRequest>) => void service.handle(event.data));
