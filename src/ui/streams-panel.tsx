import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { StreamReport } from "../streaming/core-types.ts";
import type { ConnectionState } from "../streaming/ports.ts";
import { useApp } from "./app-context.ts";
import { Icon } from "./icons.tsx";
import { MeasuresCard } from "./measures-card.tsx";
import { StreamTimeline } from "./stream-timeline.tsx";

/** A table of truth: what this tab holds open per session, and why. */
export function StreamsPanel(): JSX.Element {
  const { state, actions } = useApp();
  const reports = state.shell.streams.value;
  const open = reports.filter((report) => report.isOpen).length;
  const panel = useRef<HTMLElement>(null);

  useEffect(() => {
    const element = panel.current;
    if (element === null) return undefined;
    element.querySelector("button")?.focus();
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === "Escape") actions.setStreamsOpen(false);
    };
    element.addEventListener("keydown", onKeyDown);
    return () => {
      element.removeEventListener("keydown", onKeyDown);
      document.querySelector<HTMLElement>(".streams-button")?.focus();
    };
  }, []);

  return (
    <aside ref={panel} class="streams" aria-label="Streams">
      <header class="streams-head">
        <h2>Streams</h2>
        <span>
          {open} open, {reports.length} known
        </span>
        <button
          type="button"
          class="icon-button"
          aria-label="Close panel"
          onClick={() => actions.setStreamsOpen(false)}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="streams-scroll">
        {reports.length === 0 && <p class="list-empty">This tab has opened no session yet.</p>}
        {reports.map((report) => (
          <StreamCard key={report.view.session} report={report} />
        ))}
        <MeasuresCard />
      </div>
    </aside>
  );
}

function StreamCard({ report }: { readonly report: StreamReport }): JSX.Element {
  const { state } = useApp();
  const { view } = report;
  const rows: readonly (readonly [string, string])[] = [
    ["State", stateWords(view.connection)],
    ["Held back by", view.reasons.size === 0 ? "nothing" : [...view.reasons].join(", ")],
    ["Stream", report.isOpen ? "open" : "closed"],
    ["Cursor", view.cursor === undefined ? "none" : `${view.cursor.epoch.slice(0, 6)}….${view.cursor.seq}`],
    ["Tail", String(view.tail)],
    [
      "Last heard",
      view.lastHeardAtMs === undefined ? "never" : new Date(view.lastHeardAtMs).toLocaleTimeString(),
    ],
    ["Reattached", `${view.reattachments} ×`],
    ["Unfinished", report.hasInflight ? (report.reattach ? "yes, to be reattached" : "yes") : "no"],
    ["Text held", `${report.heldChars.toLocaleString()} characters`],
    ["Shown from", view.source],
  ];
  const title =
    state.list.rows.value.find((row) => row.id === view.session)?.title ??
    view.summary?.title ??
    view.session;
  return (
    <section class="stream-card" data-open={report.isOpen}>
      <h3>{title}</h3>
      <StreamTimeline entries={report.timeline} />
      <table>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function stateWords(connection: ConnectionState): string {
  switch (connection.kind) {
    case "connecting":
      return `connecting, attempt ${connection.attempt}`;
    case "catching-up":
      return `catching up to ${connection.tail}`;
    case "waiting":
      return `waiting until ${new Date(connection.retryAtMs).toLocaleTimeString()}, attempt ${connection.attempt}`;
    case "closed":
      return `closed: ${connection.reason}`;
    case "idle":
    case "live":
    case "paused":
      return connection.kind;
  }
}
