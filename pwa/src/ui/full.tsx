/** What fills the whole screen: a native dialog like a sheet, dark in either scheme, since pictures are looked at in it. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useBackCloses } from "./layer";
import { layers, Toasts } from "./toast";

interface Props {
  label: string;
  /** Which of them: its class. */
  kind: string;
  onClose: () => void;
  onKeyDown?: (event: KeyboardEvent) => void;
  children: ComponentChildren;
}

export function Full({ label, kind, onClose, onKeyDown, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const gone = useRef(false);
  const id = useId();
  const close = () => {
    if (!gone.current) onClose();
  };
  useBackCloses(close);
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    shown?.showModal();
    layers.value = [...layers.value, id];
    return () => {
      gone.current = true;
      layers.value = layers.value.filter((one) => one !== id);
      shown?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`full ${kind}`}
      aria-label={label}
      onCancel={(event) => {
        if (event.target !== dialog.current) return;
        event.preventDefault();
        close();
      }}
      onClose={(event) => event.target === dialog.current && close()}
      onKeyDown={(event) => {
        event.stopPropagation();
        onKeyDown?.(event);
      }}
    >
      {children}
      <Toasts layer={id} />
    </dialog>
  );
}
