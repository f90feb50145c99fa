import type { JSX } from "preact";
import type { SessionId } from "../protocol/ids.ts";
import { toolText } from "../protocol/text-search.ts";
import type { PartView, TurnView } from "../state/turn-view.ts";
import { TextMount } from "./text-mount.tsx";
import { useSearchOpening } from "./use-search-opening.ts";
import { useKeptState } from "./use-kept-state.ts";

const STATUS_WORDS = {
  running: "Running",
  complete: "Done",
  failed: "Failed",
  denied: "Denied",
  cut: "Cut short",
  waiting: "Waits for you",
} as const;

interface ToolCardProps {
  readonly session: SessionId;
  readonly turn: TurnView;
  readonly part: PartView;
}

/** A tool call: what was asked of it, its output as it comes, how it ended. */
export function ToolCard({ session, turn, part }: ToolCardProps): JSX.Element {
  const [chosen, setChosen] = useKeptState<boolean | undefined>(`tool ${turn.id} ${part.id}`, undefined);
  useSearchOpening(turn.id, part.id, () => setChosen(true));
  // A tool that never ended, in a turn that has.
  const status = part.status === "running" && turn.status === "ended" ? "cut" : (part.status ?? "running");
  const isAsking = turn.approvals.some(
    ({ part: asked, resolved }) => asked === part.id && resolved === undefined,
  );
  const isOpen = chosen ?? (status === "running" || status === "failed");
  const output = toolText(part.output);
  return (
    <details
      class="tool"
      open={isOpen}
      data-part="tool"
      data-status={status === "running" && isAsking ? "waiting" : status}
    >
      <summary
        onClick={(event) => {
          event.preventDefault();
          setChosen(!isOpen);
        }}
      >
        <span class="tool-dot" aria-hidden="true" />
        <span class="tool-title">{part.title ?? part.name ?? "Tool"}</span>
        <span class="tool-status">{STATUS_WORDS[status === "running" && isAsking ? "waiting" : status]}</span>
      </summary>
      <div class="tool-body">
        {part.title !== undefined && part.name !== undefined && <p class="tool-name">{part.name}</p>}
        {part.input !== undefined && (
          <>
            <p class="tool-label">Input</p>
            <pre>{toolText(part.input)}</pre>
          </>
        )}
        <div class="tool-live" data-empty={part.buffer.length === 0}>
          <p class="tool-label">Output</p>
          <TextMount
            session={session}
            turn={turn.id}
            part={part}
            kind="plain"
            isSettled={status !== "running"}
            class="tool-output"
          />
        </div>
        {output !== "" && (
          <>
            <p class="tool-label">Result</p>
            <pre>{output}</pre>
          </>
        )}
      </div>
    </details>
  );
}
