import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { SessionId, TurnId } from "../protocol/ids.ts";
import type { PartView } from "../state/turn-view.ts";
import { useApp } from "./app-context.ts";
import { createWriter, type WriterKind } from "./text-writer.ts";

interface TextMountProps {
  readonly session: SessionId;
  readonly turn: TurnId;
  readonly part: PartView;
  readonly kind: WriterKind;
  readonly isSettled: boolean;
  readonly class: string;
}

/** Owns an element and nothing inside it: a writer follows the part's buffer once a frame, past the virtual DOM. */
export function TextMount(props: TextMountProps): JSX.Element {
  const { actions } = useApp();
  const mount = useRef<HTMLDivElement>(null);
  const settle = useRef<(isSettled: boolean) => void>(() => undefined);
  const { buffer } = props.part;

  useLayoutEffect(() => {
    if (mount.current === null) return undefined;
    const writer = createWriter(props.kind, mount.current);
    let isSettled = props.isSettled;
    const write = (): void => writer.update(buffer, isSettled);
    settle.current = (next) => {
      if (next === isSettled) return;
      isSettled = next;
      write();
    };
    write();
    const unfollow = actions.followText(props.session, props.turn, props.part, write);
    return () => {
      unfollow();
      writer.dispose();
    };
  }, [buffer, props.kind]);

  useLayoutEffect(() => settle.current(props.isSettled), [props.isSettled]);

  return <div ref={mount} class={props.class} />;
}
