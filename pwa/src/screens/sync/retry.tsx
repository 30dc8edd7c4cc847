/** Mending what was not taken: its words can be edited, then it goes anew, on top of what is shown now. */
import { useState } from "preact/hooks";
import type { Draft, Op, Parked } from "../../sync/types";
import { AreaField } from "../../ui/field";
import { Sheet } from "../../ui/sheet";
import { toast } from "../../ui/toast";
import { plain } from "../act";
import { must } from "../live";
import { opValues, opWords, reasonWords } from "./reasons";

type Edited = Record<string, string>;

const key = (i: number, field: string) => `${i}.${field}`;

/** The op as a draft, with the edited words in place; its base is what is shown now. */
function draftOf(op: Op, i: number, edited: Edited): Draft {
  if (op.op === "delete") return { op: "delete", collection: op.collection, id: op.id };
  const set = Object.fromEntries(
    Object.entries(op.set).map(([field, value]) => [field, edited[key(i, field)] ?? value]),
  );
  return { op: op.op, collection: op.collection, id: op.id, set };
}

export function RetrySheet({ parked, onClose }: { parked: Parked; onClose: () => void }) {
  const [edited, setEdited] = useState<Edited>({});
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    try {
      await must().retry(
        parked.key,
        parked.ops.map((op, i) => draftOf(op, i, edited)),
      );
      toast("On its way again.");
      onClose();
    } catch (cause) {
      toast(plain(cause), { bad: true });
      setBusy(false);
    }
  };
  return (
    <Sheet
      title="Edit and send again"
      onClose={onClose}
      footer={
        <button type="button" class="button main" disabled={busy} onClick={() => void send()}>
          Send again
        </button>
      }
    >
      <p class="soft">{reasonWords(parked)}</p>
      {parked.ops.map((op, i) => (
        <section key={op.id} class="stack-tight">
          <h3>{opWords(op)}</h3>
          {opValues(op).map(({ field, label, value, editable }) =>
            editable ? (
              <AreaField
                key={field}
                label={label}
                value={edited[key(i, field)] ?? String(value)}
                onInput={(typed) => setEdited({ ...edited, [key(i, field)]: typed })}
              />
            ) : null,
          )}
        </section>
      ))}
    </Sheet>
  );
}
