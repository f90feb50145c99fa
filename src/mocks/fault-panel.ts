import type { FaultControl } from "./fault-injector.ts";
import { FAULT_PANEL_STYLES } from "./fault-panel-styles.ts";
import type { AdminAction } from "./relay-messages.ts";

/** What "Slow line" means. Unit: ms an answer, and a block of a stream. */
const SLOW_MS = 800;

/** Remembers in this tab that the panel is open: a developer reloads all the time. */
const OPEN_KEY = "holdfast-mock-panel";

/** What "502" means: enough that a client which tries again at once is refused again. */
const BAD_GATEWAYS = 3;

/**
 * The panel that provokes faults: a region "Mock faults" in the corner, folded at first. Lives in a shadow root:
 * the app's styles don't reach it and its own don't leak.
 */
export function mountFaultPanel(
  parent: HTMLElement,
  faults: FaultControl,
  admin: (action: AdminAction) => Promise<void>,
): void {
  const host = document.createElement("div");
  host.dataset["mockFaults"] = "";
  const root = host.attachShadow({ mode: "open" });
  // Not an element: the page's policy refuses inline styles.
  const styles = new CSSStyleSheet();
  styles.replaceSync(FAULT_PANEL_STYLES);
  root.adoptedStyleSheets = [styles];

  const region = element("section", { "aria-label": "Mock faults" });
  const body = element("div", { id: "body", hidden: "" });
  const fold = button("Mock", () => setFolded(!body.hidden));
  fold.setAttribute("aria-controls", "body");
  const setFolded = (isFolded: boolean): void => {
    body.hidden = isFolded;
    fold.setAttribute("aria-expanded", String(!isFolded));
    if (isFolded) sessionStorage.removeItem(OPEN_KEY);
    else sessionStorage.setItem(OPEN_KEY, "open");
  };
  setFolded(sessionStorage.getItem(OPEN_KEY) === null);

  const status = element("p", { role: "status" });
  const say = (text: string): void => {
    status.textContent = text;
  };
  const administer = (label: string, action: AdminAction, done: string): HTMLButtonElement =>
    button(label, () => {
      void admin(action)
        .then(
          () => done,
          (error: unknown) => (error instanceof Error ? error.message : String(error)),
        )
        .then(say);
    });

  const slow = toggle("Slow line", (isOn) => faults.setModes({ latencyMs: isOn ? SLOW_MS : 0 }));
  const duplicate = toggle("Duplicate frames", (isOn) => faults.setModes({ duplicatesFrames: isOn }));
  const reorder = toggle("Reorder frames", (isOn) => faults.setModes({ reordersFrames: isOn }));

  body.append(
    button("Drop streams", () => faults.dropStreams()),
    button("Stall streams", () => faults.stallStreams()),
    button("Truncate frame", () => faults.truncateStreams()),
    button("502 on next requests", () => faults.setModes({ badGateways: BAD_GATEWAYS })),
    button("Wrong epoch on next stream", () => faults.setModes({ wrongEpochs: 1 })),
    slow.label,
    duplicate.label,
    reorder.label,
    administer("Restart backend", "restart", "Restarted."),
    administer("Renew epochs", "renew-epochs", "Every log has a new epoch."),
    administer("Reset the mock", "reset", "Reset. Reload the page."),
    status,
  );
  region.append(fold, body);
  root.append(region);
  parent.append(host);

  faults.watch(() => {
    const modes = faults.modes();
    slow.input.checked = modes.latencyMs > 0;
    duplicate.input.checked = modes.duplicatesFrames;
    reorder.input.checked = modes.reordersFrames;
    const pending = modes.badGateways > 0 ? `, ${modes.badGateways} × 502 to come` : "";
    say(`Open streams: ${faults.openStreams()}${pending}`);
  });
}

function element(name: "section" | "div" | "p", attributes: Readonly<Record<string, string>>): HTMLElement {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

function button(label: string, press: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", press);
  return made;
}

function toggle(
  text: string,
  change: (isOn: boolean) => void,
): { readonly label: HTMLLabelElement; readonly input: HTMLInputElement } {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "checkbox";
  input.addEventListener("change", () => change(input.checked));
  label.append(input, text);
  return { label, input };
}
