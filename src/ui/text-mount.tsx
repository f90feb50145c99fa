import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { SessionId, TurnId } from "../protocol/ids.ts";
import type { PartView } from "../state/turn-view.ts";
import { useApp } from "./app-context.ts";
import type { Written } from "./returning-texts.ts";
import { createWriter, returningTexts, type WriterKind } from "./text-writer.ts";

interface TextMountProps {
  readonly session: SessionId;
  readonly turn: TurnId;
  readonly part: PartView;
  readonly kind: WriterKind;
  /** Nothing follows. */
  readonly isSettled: boolean;
  /** The next word is expected here. */
  readonly hasCaret?: boolean;
  readonly class: string;
  /** All of a settled text stands in the page. Called again whenever it was written anew. */
  readonly onWhole?: () => void;
}

/**
 * Owns an element and nothing inside it: a writer follows the part's buffer once a frame, past the virtual DOM. What it
 * wrote outlives the component for a while: who looks at another session and comes back finds it as it stood.
 */
export function TextMount(props: TextMountProps): JSX.Element {
  const { actions } = useApp();
  const mount = useRef<HTMLDivElement>(null);
  const current = useRef<Written | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { buffer } = props.part;
  const hasCaret = props.hasCaret ?? false;

  useLayoutEffect(() => {
    const place = mount.current;
    if (place === null) return undefined;
    const kept = takeWritten(props);
    const written = kept ?? beginWritten(props);
    written.isSettled = props.isSettled;
    // Who reads elsewhere than at the end is to find each line where it was: of that, heights are known by layout alone.
    const isAtEnd = actions.position(props.session)?.kind !== "row";
    const layOut = kept && isAtEnd && returningTexts()?.layOutBySteps(kept.element, buffer.length);
    place.append(written.element);
    const follower = actions.followText(props.session, props.turn, props.part, (hasTime) => {
      const isWhole = written.writer.update(buffer, written.isSettled, hasTime);
      if (isWhole && written.isSettled) latest.current.onWhole?.();
      return isWhole && written.writer.isLong?.() === true ? "long" : isWhole;
    });
    written.wake = () => follower.wake();
    current.current = written;
    return () => {
      current.current = undefined;
      if (layOut) layOut();
      follower.dispose();
      written.wake = () => undefined;
      const keeper = returningTexts();
      if (keeper === undefined) written.dispose();
      else keeper.keep(buffer, written);
      // Once all around it has left the page, in one go: taken out of it one by one, each is laid out of it by itself.
      queueMicrotask(() => {
        if (written.element.parentElement === place) written.element.remove();
      });
    };
  }, [buffer, props.kind]);

  useLayoutEffect(() => {
    const written = current.current;
    if (written === undefined || written.isSettled === props.isSettled) return;
    written.isSettled = props.isSettled;
    written.wake();
  }, [props.isSettled]);

  useLayoutEffect(() => current.current?.writer.showCaret(hasCaret), [buffer, props.kind, hasCaret]);

  return <div ref={mount} />;
}

function takeWritten({ part, kind }: TextMountProps): Written | undefined {
  const written = returningTexts()?.take(part.buffer);
  if (written === undefined || written.kind === kind) return written;
  written.dispose();
  return undefined;
}

function beginWritten(props: TextMountProps): Written {
  const element = document.createElement("div");
  element.className = props.class;
  const writer = createWriter(props.kind, element, `${props.turn}-${props.part.id}-`, () => written.wake());
  const written: Written = {
    kind: props.kind,
    element,
    writer,
    isSettled: props.isSettled,
    wake: () => undefined,
    dispose: () => writer.dispose(),
  };
  return written;
}
