/** Notes among staff, newest first, with a composer that keeps what is typed. Customers never see them. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { newId } from "../../sync/types";
import { initials, num, text } from "../../ui/data";
import { Dictate } from "../../ui/dictate";
import { useDraft } from "../../ui/draft";
import { stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { act, create } from "../act";
import { children, me, record } from "../live";
import { may } from "../rights";
import { ItemSync } from "../syncwords";
import { byNewest } from "./facts";
import { NoteSheet } from "./noteedit";

/** When a record was made: as the server says, else as its id does, which carries the time. */
export function madeAt(one: Shown): number {
  return num(one.data.created_at) ?? Number.parseInt(one.id.replaceAll("-", "").slice(0, 12), 16);
}

export function authorOf(one: Shown): string {
  if (one.fresh) return me.value.name;
  return text(record("staff", one.data.created_by)?.data.name);
}

export function NotesCard({ order }: { order: Shown }) {
  const notes = children(order.id, "note").sort(byNewest);
  return (
    <section class="card" aria-labelledby="notes-title">
      <header>
        <h2 id="notes-title">Notes</h2>
        <span class="tag pad-right">
          <Icon name="lock" /> staff only
        </span>
      </header>
      <div class="body stack">
        <Composer order={order} />
        {notes.length > 0 && (
          <ul class="notes">
            {notes.map((note) => (
              <Note key={note.id} note={note} />
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

function Note({ note }: { note: Shown }) {
  const author = authorOf(note);
  const [editing, setEditing] = useState(false);
  return (
    <li class="note">
      <span class="avatar" aria-hidden="true">
        {author ? initials(author) : <Icon name="note" />}
      </span>
      <div class="grow">
        <div class="row wrap small soft">
          <strong>{author || "Note"}</strong>
          <span class="number">{stamp(madeAt(note))}</span>
          <ItemSync id={note.id} quiet />
        </div>
        <p class="kept-lines">{text(note.data.text)}</p>
      </div>
      {may("u", "note", note) && (
        <button
          type="button"
          class="button quiet icon-only"
          aria-label="Edit this note"
          onClick={() => setEditing(true)}
        >
          <Icon name="edit" />
        </button>
      )}
      {editing && <NoteSheet note={note} onClose={() => setEditing(false)} />}
    </li>
  );
}

function Composer({ order }: { order: Shown }) {
  const draft = useDraft(`note.${order.id}`, () => "");
  const [busy, setBusy] = useState(false);
  const save = async (event: Event) => {
    event.preventDefault();
    const words = draft.value.value.trim();
    if (!words || busy) return;
    setBusy(true);
    if (await act([create("note", newId(), { work_order: order.id, text: words })], "Note saved"))
      draft.clear();
    setBusy(false);
  };
  return (
    <form class="composer" onSubmit={save}>
      <textarea
        class="input"
        rows={2}
        aria-label="New note"
        placeholder="Write a note"
        value={draft.value.value}
        onInput={(event) => draft.set(event.currentTarget.value)}
      />
      <div class="row">
        <Dictate value={draft.value.value} onInput={draft.set} />
        <span class="grow" />
        {draft.value.value.trim() && (
          <button type="submit" class="button tinted" disabled={busy}>
            Save note
          </button>
        )}
      </div>
    </form>
  );
}
