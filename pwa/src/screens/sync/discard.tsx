/** Throwing an edit away asks once, and says what goes; of a photo the picture goes too. */
import type { Parked } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { Sheet } from "../../ui/sheet";
import { toast } from "../../ui/toast";
import { plain } from "../act";
import { must } from "../live";
import { media } from "../photos/media";
import { saveToPhone } from "../photos/shots";
import { tellOffice } from "../recovery/settle";
import { opWords } from "./reasons";

/** The photos that this edit would have made, whose files lie on this phone alone. */
const photosOf = (parked: Parked): string[] =>
  parked.ops.filter((op) => op.op === "create" && op.collection === "photo").map((op) => op.id);

export function DiscardSheet({ parked, onClose }: { parked: Parked; onClose: () => void }) {
  const photos = photosOf(parked);
  const save = async () => {
    for (const id of photos) {
      const blob = await media.value?.blob(id);
      if (blob) saveToPhone(blob, parked.at);
    }
  };
  const discard = async () => {
    try {
      await must().discard(parked.key);
      for (const id of photos) await media.value?.drop(id);
      await tellOffice(parked, "discarded");
      toast("The edit was discarded.");
      onClose();
    } catch (cause) {
      toast(plain(cause), { bad: true });
    }
  };
  return (
    <Sheet
      title="Discard this edit?"
      onClose={onClose}
      footer={
        <>
          <button type="button" class="button" onClick={onClose}>
            Keep it
          </button>
          <button type="button" class="button danger" onClick={() => void discard()}>
            Discard
          </button>
        </>
      }
    >
      <ul>
        {parked.ops.map((op) => (
          <li key={op.id}>{opWords(op)}</li>
        ))}
      </ul>
      {photos.length > 0 ? (
        <>
          <p class="soft">The picture is on this phone alone, and is gone after this.</p>
          <button type="button" class="button" onClick={() => void save()}>
            <Icon name="download" /> Save it to the phone
          </button>
        </>
      ) : (
        <p class="soft">What you typed is gone after this. Export it first if you may need it.</p>
      )}
    </Sheet>
  );
}
