/** Choosing pictures, or the phone's own camera app. The work order and the kind are kept before the other app opens. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { About } from "../../media/types";
import { forgetIntent, keepIntent } from "./camera/open";
import { bring } from "./shots";

interface Props {
  about: () => About;
  /** The camera app takes one picture; the picker gives any number, and PDF files. */
  from: "camera" | "files";
  class?: string;
  onDone?: (count: number) => void;
  children: ComponentChildren;
}

export function PickButton({ about, from, class: look = "button", onDone, children }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const open = () => {
    const { work_order, kind } = about();
    if (work_order) keepIntent(work_order, kind);
    input.current?.click();
  };
  // The field may have left the screen while the picker was open, as when the camera is refused meanwhile.
  const take = async (field: HTMLInputElement) => {
    const files = [...(field.files ?? [])];
    forgetIntent();
    const count = await bring(files, about());
    field.value = "";
    if (count) onDone?.(count);
  };
  return (
    <>
      <button type="button" class={look} onClick={open}>
        {children}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept="image/*,application/pdf"
        capture={from === "camera" ? "environment" : undefined}
        multiple={from === "files"}
        onChange={(event) => void take(event.currentTarget)}
        onCancel={forgetIntent}
      />
    </>
  );
}
