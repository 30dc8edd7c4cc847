/** Changing or deleting a note of one's own. */
import { useMemo, useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { text } from "../../ui/data";
import { AreaField } from "../../ui/field";
import { Icon } from "../../ui/icons";
import { Sheet } from "../../ui/sheet";
import { act } from "../act";
import { must } from "../live";
import { may } from "../rights";

export function NoteSheet({ note, onClose }: { note: Shown; onClose: () => void }) {
  const form = useMemo(() => must().form(note.id), [note.id]);
  const [words, setWords] = useState(text(note.data.text));
  const save = async () => {
    const set = { text: words.trim() };
    if (await act([{ op: "patch", collection: "note", id: note.id, set, form }], "Note saved")) onClose();
  };
  const remove = async () => {
    if (await act([{ op: "delete", collection: "note", id: note.id, form }], "Note deleted")) onClose();
  };
  return (
    <Sheet
      title="Edit note"
      onClose={onClose}
      footer={
        <>
          {may("d", "note", note) && (
            <button type="button" class="button" onClick={() => void remove()}>
              <Icon name="trash" /> Delete
            </button>
          )}
          <button type="button" class="button main" disabled={!words.trim()} onClick={() => void save()}>
            Save
          </button>
        </>
      }
    >
      <AreaField label="Note" rows={5} value={words} onInput={setWords} autofocus />
    </Sheet>
  );
}
