import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons.tsx";

interface CopyButtonProps {
  readonly label: string;
  /** Read at the press: an answer may be long. */
  readonly text: () => string;
  readonly icon?: IconName;
}

const DONE_MS = 2_000;

export function CopyButton({ label, text, icon = "copy" }: CopyButtonProps): JSX.Element | null {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  useEffect(() => {
    if (state === "idle") return undefined;
    const timer = setTimeout(() => setState("idle"), DONE_MS);
    return () => clearTimeout(timer);
  }, [state]);
  // Missing in insecure contexts: better no button than one that does nothing.
  if (!("clipboard" in navigator)) return null;
  const words = { idle: label, copied: "Copied", refused: "Copying was refused" }[state];
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={words}
      title={words}
      onClick={() => {
        navigator.clipboard.writeText(text()).then(
          () => setState("copied"),
          () => setState("refused"),
        );
      }}
    >
      <Icon name={state === "copied" ? "check" : icon} />
    </button>
  );
}
