/** Correcting a time: from, to and the reason are written together, since they are judged together. */
import { useMemo, useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { num, text } from "../../ui/data";
import { TextField } from "../../ui/field";
import { fromLocalInput, toLocalInput } from "../../ui/format";
import { Sheet } from "../../ui/sheet";
import { act } from "../act";
import { must } from "../live";

export function Correction({ entry, onClose }: { entry: Shown; onClose: () => void }) {
  const form = useMemo(() => must().form(entry.id), [entry.id]);
  const [start, setStart] = useState(toLocalInput(num(entry.data.started_at)));
  const [end, setEnd] = useState(toLocalInput(num(entry.data.ended_at)));
  const [reason, setReason] = useState(text(entry.data.correction_reason));
  const from = fromLocalInput(start);
  const to = fromLocalInput(end);
  const wrong = from !== null && to !== null && to < from ? "It ends before it begins." : null;
  const ready = from !== null && to !== null && !wrong && reason.trim() !== "";
  const save = async () => {
    const set = { started_at: from, ended_at: to, correction_reason: reason.trim() };
    if (await act([{ op: "patch", collection: "time_entry", id: entry.id, set, form }], "Time corrected"))
      onClose();
  };
  return (
    <Sheet
      title="Correct this time"
      onClose={onClose}
      footer={
        <button type="button" class="button main" disabled={!ready} onClick={() => void save()}>
          Save
        </button>
      }
    >
      <div class="pair">
        <TextField label="From" type="datetime-local" value={start} onInput={setStart} />
        <TextField label="To" type="datetime-local" value={end} onInput={setEnd} wrong={wrong} />
      </div>
      <TextField
        label="Reason"
        value={reason}
        onInput={setReason}
        required
        placeholder="Forgot to stop the timer"
      />
    </Sheet>
  );
}
