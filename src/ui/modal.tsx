import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

interface ModalProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A modal dialog: the browser keeps the focus inside and gives it back. */
export function Modal({ title, onClose, children }: ModalProps): JSX.Element {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  // Not a passive effect: an Escape that comes at once closes it already, and it is closed while it is still in the
  // page, without which the browser gives the focus back to nobody.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="modal"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // A second Escape in a row closes it without asking.
      onClose={() => {
        if (dialog.current?.isConnected === true) onClose();
      }}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
