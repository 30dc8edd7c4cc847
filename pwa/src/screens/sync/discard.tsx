/** Throwing an edit away asks once, and says what goes. */
import type { Parked } from "../../sync/types";
import { Sheet } from "../../ui/sheet";
import { toast } from "../../ui/toast";
import { plain } from "../act";
import { must } from "../live";
import { tellOffice } from "../recovery/settle";
import { opWords } from "./reasons";

export function DiscardSheet({ parked, onClose }: { parked: Parked; onClose: () => void }) {
  const discard = async () => {
    try {
      await must().discard(parked.key);
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
      <p class="soft">What you typed is gone after this. Export it first if you may need it.</p>
    </Sheet>
  );
}
