/** A picture that the shop does not want: why, and the two ways on. Dropping asks first, since no other copy is known of. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { Sheet } from "../../ui/sheet";
import { toast } from "../../ui/toast";
import { plain } from "../act";
import { media } from "./media";
import { saveToPhone } from "./shots";
import { takenAt } from "./source";
import { photoState } from "./sync";

export function RefusedFile({ photo }: { photo: Shown }) {
  const [asking, ask] = useState(false);
  const save = async () => {
    const blob = await media.value?.blob(photo.id).catch(() => null);
    if (blob) saveToPhone(blob, takenAt(photo));
    else toast("The picture is no longer on this phone.", { bad: true });
  };
  return (
    <div class="stack-tight">
      <p class="small bad">{photoState(photo).more}</p>
      <div class="row wrap together">
        <button type="button" class="button grow" onClick={() => void save()}>
          <Icon name="download" /> Save to phone
        </button>
        <button type="button" class="button grow" onClick={() => ask(true)}>
          <Icon name="trash" /> Drop
        </button>
      </div>
      {asking && <DropSheet photo={photo} onClose={() => ask(false)} />}
    </div>
  );
}

function DropSheet({ photo, onClose }: { photo: Shown; onClose: () => void }) {
  const drop = async () => {
    try {
      await media.value?.drop(photo.id);
      toast("The picture was dropped.");
      onClose();
    } catch (cause) {
      toast(plain(cause), { bad: true });
    }
  };
  return (
    <Sheet
      title="Drop this picture?"
      onClose={onClose}
      footer={
        <>
          <button type="button" class="button" onClick={onClose}>
            Keep it
          </button>
          <button type="button" class="button danger" onClick={() => void drop()}>
            Drop
          </button>
        </>
      }
    >
      <p>
        The shop does not have it, and this phone has the only copy. Save it to the phone first if you may
        need it.
      </p>
    </Sheet>
  );
}
