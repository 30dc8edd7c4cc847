/** The way to share the photos of a work order: a button, and the sheet behind it, which is loaded when it is first wanted. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { lazy } from "../../ui/lazy";

const AlbumSheet = lazy(() => import("./sheet").then((part) => part.AlbumSheet));

export function ShareButton({ order }: { order: Shown }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button grow" onClick={() => setOpen(true)}>
        <Icon name="link" /> Share by link
      </button>
      {open && <AlbumSheet order={order} onClose={() => setOpen(false)} />}
    </>
  );
}
