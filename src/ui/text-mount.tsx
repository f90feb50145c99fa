import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { SessionId, TurnId } from "../protocol/ids.ts";
import type { PartView } from "../state/turn-view.ts";
import { useApp } from "./app-context.ts";
import { createWriter, type TextWriter, type WriterKind } from "./text-writer.ts";

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

/** What stands in the element by now, and how to bring it up to date. */
interface Written {
  readonly writer: TextWriter;
  isSettled: boolean;
  wake(): void;
}

/** Owns an element and nothing inside it: a writer follows the part's buffer once a frame, past the virtual DOM. */
export function TextMount(props: TextMountProps): JSX.Element {
  const { actions } = useApp();
  const mount = useRef<HTMLDivElement>(null);
  const current = useRef<Written | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { buffer } = props.part;
  const hasCaret = props.hasCaret ?? false;

  useLayoutEffect(() => {
    if (mount.current === null) return undefined;
    const writer = createWriter(props.kind, mount.current, `${props.turn}-${props.part.id}-`, () =>
      written.wake(),
    );
    const written: Written = { writer, isSettled: props.isSettled, wake: () => follower.wake() };
    const follower = actions.followText(props.session, props.turn, props.part, (hasTime) => {
      const isWhole = writer.update(buffer, written.isSettled, hasTime);
      if (isWhole && written.isSettled) latest.current.onWhole?.();
      return isWhole;
    });
    current.current = written;
    return () => {
      current.current = undefined;
      follower.dispose();
      writer.dispose();
    };
  }, [buffer, props.kind]);

  useLayoutEffect(() => {
    const written = current.current;
    if (written === undefined || written.isSettled === props.isSettled) return;
    written.isSettled = props.isSettled;
    written.wake();
  }, [props.isSettled]);

  useLayoutEffect(() => current.current?.writer.showCaret(hasCaret), [buffer, props.kind, hasCaret]);

  return <div ref={mount} class={props.class} />;
}
