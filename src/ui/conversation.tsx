import { useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import type { SessionId, TurnId } from "../protocol/ids.ts";
import type { TurnTarget } from "../state/conversation-state.ts";
import type { RowGroup } from "../state/row-groups.ts";
import { useApp } from "./app-context.ts";
import { EarlierTurns } from "./earlier-turns.tsx";
import { HeightsOfSessions } from "./heights-of-sessions.ts";
import { Icon } from "./icons.tsx";
import { JumpProgress } from "./jump-progress.tsx";
import { MissingTurns } from "./missing-turns.tsx";
import { MountedGroups } from "./mounted-groups.ts";
import { createScrollFloor } from "./scroll-floor.ts";
import { createStickyScroll, type StickyScroll } from "./sticky-scroll.ts";
import { createTurnAnchors } from "./turn-anchors.ts";
import { TurnGroup } from "./turn-group.tsx";
import { useSearchMarks } from "./use-search-marks.ts";
import { useTaken } from "./use-taken.ts";

/** Earlier turns are asked for when the reader is this near to the first that is loaded. Unit: screens. */
const EARLIER_SCREENS = 1.5;
/** Where a turn that was jumped to stands below the upper edge. Unit: px. */
export const TARGET_OFFSET_PX = 24;

/** The messages of the session that is shown; in the page are only those near to what is seen. */
export function Conversation({ session }: { readonly session: SessionId }): JSX.Element {
  const { state, actions } = useApp();
  const { conversation } = state;
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const floor = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const sticky = useRef<StickyScroll | undefined>(undefined);
  const [isPinned, setPinned] = useState(true);
  const [hasUnseen, setUnseen] = useState(false);
  const [drawn, redraw] = useReducer((count: number) => count + 1, 0);
  const groups = conversation.session.value === session ? conversation.groups.value : NO_GROUPS;
  const hasMore = conversation.hasMore.value;
  const earlier = conversation.earlier.value;
  const gapAfter = conversation.gapAfter.value;
  const screenPx = useRef<number>(undefined);
  const heights = useMemo(() => new HeightsOfSessions(), []);
  /** One life per look at a session: what is in the page. */
  const window = useMemo(
    () => ({
      mounted: new MountedGroups(screenPx.current, heights.of(session)),
      isRestored: false,
      isDrawn: false,
    }),
    [session],
  );
  const { mounted } = window;
  const latest = useRef({ groups, mounted });
  latest.current = { groups, mounted };

  /** Puts in and takes out groups by what is seen now, and asks for earlier turns where they are near. */
  const look = useMemo(
    () => (): void => {
      const [box, place] = [scroller.current, list.current];
      if (box === null || place === null || sticky.current === undefined) return;
      const now = latest.current;
      screenPx.current = box.clientHeight;
      const edge = box.getBoundingClientRect().top;
      const top = edge - place.getBoundingClientRect().top;
      const isAtEnd = sticky.current.position()?.kind === "end";
      if (now.mounted.look(now.groups, placedGroups(place, edge), box.clientHeight, isAtEnd))
        redraw(undefined);
      const isNear = top < EARLIER_SCREENS * box.clientHeight;
      // At the end they are wanted only where what is loaded does not even fill the view.
      const isWanted = !isAtEnd || box.scrollHeight <= box.clientHeight + 1;
      if (isNear && isWanted && now.groups.length > 0) actions.wantEarlier();
      const missing = place.querySelector(":scope > .missing-turns")?.getBoundingClientRect();
      if (missing === undefined || isAtEnd) return;
      const nearPx = EARLIER_SCREENS * box.clientHeight;
      if (missing.bottom < edge - nearPx || missing.top > edge + box.clientHeight + nearPx) return;
      // From the side that is read, so that it goes on there.
      actions.wantBetween(missing.top > edge + box.clientHeight / 2 ? "above" : "below");
    },
    [actions],
  );

  const lookFrame = useRef<number>(undefined);
  /** In the next frame, or in this one before it is laid out; once in it, whatever asks: each look may put a group in. */
  const lookSoon = useMemo(
    () => (): void => {
      lookFrame.current ??= requestAnimationFrame(() => {
        lookFrame.current = undefined;
        look();
      });
    },
    [look],
  );

  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null || content.current === null || floor.current === null) return undefined;
    const remember = (): void => {
      const position = scroll.position();
      const sid = conversation.session.peek();
      if (position !== undefined && sid !== undefined) actions.keepPosition(sid, position);
    };
    const scroll = createStickyScroll(
      box,
      content.current,
      createScrollFloor(box, content.current, floor.current),
      {
        onPinnedChange(pinned) {
          setPinned(pinned);
          if (pinned) setUnseen(false);
        },
        onUnseen: () => setUnseen(true),
        onRest: lookSoon,
      },
      createTurnAnchors(box),
    );
    sticky.current = scroll;
    const onScroll = (): void => {
      remember();
      lookSoon();
    };
    // After sticky-scroll's own listener: it says first what the move meant.
    box.addEventListener("scroll", onScroll, { passive: true });
    const observer = new ResizeObserver(lookSoon);
    observer.observe(box);
    return () => {
      box.removeEventListener("scroll", onScroll);
      observer.disconnect();
      scroll.dispose();
    };
  }, []);

  // Another session: at its end, or where it was left as soon as that turn is there.
  useLayoutEffect(() => {
    setUnseen(false);
    sticky.current?.restore(undefined);
  }, [session]);

  useLayoutEffect(() => {
    if (window.isRestored || groups.length === 0) return;
    window.isRestored = true;
    const position = actions.position(session);
    if (position?.kind !== "row" || conversation.target.peek() !== undefined) return;
    const place = conversation.placeOf(position.row);
    if (place === undefined) {
      // Beyond what this browser keeps: from the server, unless he has begun to read here meanwhile.
      void actions.fetchPosition(session, position);
      return;
    }
    mounted.aimAtRow(groups, place.group.key, place.row.key);
    sticky.current?.restore({ kind: "row", row: place.row.key, offsetPx: position.offsetPx });
    redraw(undefined);
  }, [session, groups]);

  // What was put in or taken out above must not move what is read.
  useLayoutEffect(() => {
    if (groups.length > 0) window.isDrawn = true;
    sticky.current?.keepSoon();
    lookSoon();
  }, [groups, drawn, hasMore, earlier, gapAfter]);

  // What he sends comes in at the end: he wants to see it, wherever he was reading.
  const sendsSeen = useRef(conversation.sends.peek());
  useSignalEffect(() => {
    const sends = conversation.sends.value;
    if (sends === sendsSeen.current) return;
    sendsSeen.current = sends;
    jumpToEnd();
  });

  const target = conversation.target.value;
  const shownTarget = useRef(target);
  useLayoutEffect(() => {
    shownTarget.current = target;
    showTarget(target);
  }, [target]);

  function showTarget(wanted: TurnTarget | undefined): void {
    if (wanted === undefined || wanted.session !== session) return;
    const place = conversation.placeOf(wanted.turn);
    if (place === undefined) return;
    // A place that was fetched for him: he has begun to read elsewhere meanwhile.
    if (wanted.offsetPx !== undefined && sticky.current?.position()?.kind === "row") return;
    mounted.aimAtRow(groups, place.group.key, place.row.key);
    sticky.current?.jumpToRow(place.row.key, wanted.offsetPx ?? TARGET_OFFSET_PX);
    redraw(undefined);
  }

  function jumpToEnd(): void {
    actions.cancelJump();
    mounted.aimAtEnd(latest.current.groups);
    redraw(undefined);
    sticky.current?.jumpToEnd();
  }

  useSearchMarks(scroller, sticky, session);

  useTaken(conversation.move, ({ kind }) => {
    if (kind === "end") jumpToEnd();
    else stepQuestion(kind === "next-question" ? 1 : -1);
    return true;
  });

  /** To the question before or after the one that is read. */
  function stepQuestion(by: 1 | -1): void {
    const rows = latest.current.groups.flatMap((group) => group.rows);
    const read = readRow();
    const at = rows.findIndex((row) => row.key === read?.row);
    const isWithin = read !== undefined && read.offsetPx < TARGET_OFFSET_PX - 1;
    // Back to the beginning of what is read first, as a player of songs does.
    const next = rows[by === 1 || !isWithin ? at + by : at];
    const before = lastBeforeGap();
    const isAcross = next !== rows[at] && rows[by === 1 ? at : at - 1]?.key === before;
    if (read !== undefined && before !== undefined && isAcross) void actions.stepBeyond(read.row, by);
    else if (next !== undefined) actions.jumpToRow(next.key);
    else if (by === 1) jumpToEnd();
    else if (read !== undefined && conversation.hasMore.peek()) void actions.stepBeyond(read.row, by);
  }

  /** The last row that begins where a jump would put it, or above. */
  function readRow(): { readonly row: string; readonly offsetPx: number } | undefined {
    const box = scroller.current;
    if (box === null) return undefined;
    // Keys can be faster than a jump that is still to be drawn, and than what it puts into the page.
    const next = conversation.target.peek();
    if (next !== undefined && next !== shownTarget.current && next.session === session) {
      const row = conversation.placeOf(next.turn)?.row.key;
      if (row !== undefined) return { row, offsetPx: next.offsetPx ?? TARGET_OFFSET_PX };
    }
    // A row near the end does not come as far up, and is gone from all the same.
    const wanted = sticky.current?.target();
    if (wanted !== undefined && wanted.offsetPx <= TARGET_OFFSET_PX) return wanted;
    const edge = box.getBoundingClientRect().top;
    const row = [...box.querySelectorAll<HTMLElement>(".turn-row")].findLast(
      (each) => each.getBoundingClientRect().top <= edge + TARGET_OFFSET_PX + 1,
    );
    const key = row?.dataset["row"];
    return row === undefined || key === undefined
      ? undefined
      : { row: key, offsetPx: row.getBoundingClientRect().top - edge };
  }

  function lastBeforeGap(): TurnId | undefined {
    const after = conversation.gapAfter.peek();
    return latest.current.groups.find((group) => group.key === after)?.rows.at(-1)?.key;
  }

  const onSize = useMemo(
    () =>
      (group: RowGroup, px: number, widthPx: number): void => {
        const grownPx = latest.current.mounted.heights.measure(group, px, widthPx);
        // What streams below a reader at the end grows every frame, and asks for no other groups.
        const isAtEnd = sticky.current?.position()?.kind === "end";
        const isStreaming = group === latest.current.groups.at(-1) && (grownPx ?? 0) > 0;
        // In the place of a gap as high as itself it changes no size that sticky-scroll sees, and yet was lower, without its
        // text, when the place of what is read was looked for.
        if (!isAtEnd) sticky.current?.keep();
        if (grownPx !== 0 && !(isAtEnd && isStreaming)) lookSoon();
      },
    [lookSoon],
  );

  /** What is read stays in the page, whatever the heights of the rest turn out to be. Of another session nothing is. */
  function heldNow(): ReadonlySet<string> {
    if (!window.isDrawn) return NOTHING_HELD;
    const held = heldGroups(scroller.current);
    const position = sticky.current?.position();
    const read = position?.kind === "row" ? conversation.placeOf(position.row) : undefined;
    return read === undefined ? held : new Set([...held, read.group.key]);
  }

  return (
    <div class="conversation">
      {/* Focusable, so that a keyboard can scroll it. */}
      <div
        ref={scroller}
        class="conversation-scroll"
        role="log"
        aria-label="Conversation"
        aria-live="off"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scroller without a focusable child can't be scrolled by keyboard
        tabIndex={0}
      >
        <div ref={content} class="conversation-content">
          <EarlierTurns />
          <div ref={list} class="turn-list">
            {mounted
              .segments(groups, heldNow(), gapAfter)
              .map((segment) =>
                segment.kind === "missing" ? (
                  <MissingTurns key="missing" />
                ) : segment.kind === "gap" ? (
                  <div
                    key={segment.key}
                    class="turn-gap"
                    style={{ height: `${segment.px}px` }}
                    aria-hidden="true"
                  />
                ) : (
                  <TurnGroup
                    key={segment.group.key}
                    group={segment.group}
                    session={session}
                    onSize={onSize}
                  />
                ),
              )}
          </div>
          {groups.length === 0 && <EmptyConversation />}
        </div>
        <div ref={floor} class="scroll-floor" aria-hidden="true" />
      </div>
      <JumpProgress />
      {!isPinned && (
        <button
          type="button"
          class="jump"
          data-unseen={hasUnseen}
          onClick={() => {
            jumpToEnd();
            scroller.current?.focus({ preventScroll: true });
          }}
        >
          <Icon name="down" />
          Jump to latest
        </button>
      )}
    </div>
  );
}

const NO_GROUPS: readonly RowGroup[] = [];
const NOTHING_HELD: ReadonlySet<string> = new Set();

function placedGroups(
  list: HTMLElement,
  edge: number,
): { readonly key: string; readonly top: number; readonly height: number }[] {
  return [...list.querySelectorAll<HTMLElement>(":scope > .turn-group")].map((element) => {
    const { top, height } = element.getBoundingClientRect();
    return { key: element.dataset["group"] ?? "", top: top - edge, height };
  });
}

/** Groups with the focus, or an end of the selection, in them: taken out, both would be lost. */
function heldGroups(scroller: HTMLElement | null): ReadonlySet<string> {
  const held = new Set<string>();
  const selection = document.getSelection();
  const nodes = [
    document.activeElement,
    // Asked of the selection itself, whether it is collapsed is answered by a layout.
    ...(selection !== null && selection.rangeCount > 0 && !selection.getRangeAt(0).collapsed
      ? [selection.anchorNode, selection.focusNode]
      : []),
  ];
  for (const node of nodes) {
    if (node === null || scroller?.contains(node) !== true) continue;
    const element = node instanceof Element ? node : node.parentElement;
    const group = element?.closest<HTMLElement>(".turn-group")?.dataset["group"];
    if (group !== undefined) held.add(group);
  }
  return held;
}

function EmptyConversation(): JSX.Element {
  const { state } = useApp();
  const { source, failure } = state.conversation;
  if (failure.value !== undefined) {
    return (
      <div class="empty">
        <p>{failure.value}</p>
      </div>
    );
  }
  return (
    <div class="empty" data-loading={source.value === "loading"}>
      <p>{source.value === "loading" ? "Loading…" : "Nothing here yet. Write the first message below."}</p>
    </div>
  );
}
