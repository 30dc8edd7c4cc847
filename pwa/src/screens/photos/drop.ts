/** At a desk: a screenshot pasted, or pictures dropped, go to the work order that is open. */
import { useEffect, useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { toast } from "../../ui/toast";
import { aboutOf } from "./camera/open";
import { bring } from "./shots";

const holdsFiles = (data: DataTransfer | null) => [...(data?.types ?? [])].includes("Files");

async function add(files: File[], order: Shown, pasted: boolean): Promise<void> {
  const count = await bring(files, pasted ? aboutOf(order, "", "screenshot") : aboutOf(order));
  if (count) toast(count === 1 ? "Picture added" : `${count} pictures added`);
  else toast("Only pictures and PDF files can be added here.");
}

/** Whether pictures hang over the page just now. */
export function usePasteAndDrop(order: Shown | null): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!order) return;
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      void add(files, order, true);
    };
    const hang = (event: DragEvent) => {
      if (!holdsFiles(event.dataTransfer)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      setOver(false);
      if (!holdsFiles(event.dataTransfer)) return;
      event.preventDefault();
      void add([...(event.dataTransfer?.files ?? [])], order, false);
    };
    addEventListener("paste", paste);
    addEventListener("dragover", hang);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("paste", paste);
      removeEventListener("dragover", hang);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, [order?.id]);
  return over;
}
