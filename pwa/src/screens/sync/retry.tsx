/**
 * Mending what was not taken: its words can be edited and parts of it left out, then it goes anew, on top of what is
 * shown now.
 */
import { useState } from "preact/hooks";
import { COLLECTIONS, type CollectionName } from "../../collections.gen";
import type { Draft, Op, Parked } from "../../sync/types";
import { AreaField } from "../../ui/field";
import { Sheet } from "../../ui/sheet";
import { toast } from "../../ui/toast";
import { plain } from "../act";
import { must } from "../live";
import { tellOffice } from "../recovery/settle";
import { opValues, opWords, reasonWords, valueWords } from "./reasons";

interface Mended {
  /** "op.field" → the words as edited. */
  words: Record<string, string>;
  /** "op.field" of what is to be left out. */
  without: string[];
}

const key = (i: number, field: string) => `${i}.${field}`;

/** Fields of one group go together, or stay out together. */
function groupOf(op: Op, field: string): string {
  return COLLECTIONS[op.collection as CollectionName]?.fields[field]?.group ?? field;
}

/** The op as a draft, mended; null when nothing is left of it. Its base is what is shown now. */
function draftOf(op: Op, i: number, { words, without }: Mended): Draft | null {
  if (op.op === "delete") return { op: "delete", collection: op.collection, id: op.id };
  const out = new Set(
    Object.keys(op.set)
      .filter((field) => without.includes(key(i, field)))
      .map((one) => groupOf(op, one)),
  );
  const kept = Object.entries(op.set).filter(([field]) => !out.has(groupOf(op, field)));
  if (kept.length === 0) return null;
  const set = Object.fromEntries(kept.map(([field, value]) => [field, words[key(i, field)] ?? value]));
  return { op: op.op, collection: op.collection, id: op.id, set };
}

export function RetrySheet({ parked, onClose }: { parked: Parked; onClose: () => void }) {
  const [mended, setMended] = useState<Mended>({ words: {}, without: [] });
  const [busy, setBusy] = useState(false);
  const drafts = parked.ops.map((op, i) => draftOf(op, i, mended)).filter((one) => one !== null);
  const send = async () => {
    setBusy(true);
    try {
      await must().retry(parked.key, drafts);
      await tellOffice(parked, "sent_again");
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
        <button
          type="button"
          class="button main"
          disabled={busy || drafts.length === 0}
          onClick={() => void send()}
        >
          Send again
        </button>
      }
    >
      <p class="soft">{reasonWords(parked)}</p>
      {parked.ops.map((op, i) => (
        <section key={op.id} class="stack-tight">
          <h3>{opWords(op)}</h3>
          <OpFields op={op} at={i} mended={mended} onMend={setMended} />
        </section>
      ))}
    </Sheet>
  );
}

interface FieldsProps {
  op: Op;
  at: number;
  mended: Mended;
  onMend: (mended: Mended) => void;
}

function OpFields({ op, at, mended, onMend }: FieldsProps) {
  const { words, without } = mended;
  const write = (name: string) => (typed: string) =>
    onMend({ ...mended, words: { ...words, [name]: typed } });
  const toggle = (name: string) =>
    onMend({
      ...mended,
      without: without.includes(name) ? without.filter((one) => one !== name) : [...without, name],
    });
  return (
    <>
      {opValues(op).map(({ field, label, value, editable }) => {
        const name = key(at, field);
        if (editable)
          return (
            <AreaField key={field} label={label} value={words[name] ?? String(value)} onInput={write(name)} />
          );
        if (op.op !== "patch") return null;
        return (
          <label key={field} class="row tickline">
            <input type="checkbox" checked={!without.includes(name)} onChange={() => toggle(name)} />
            <span>
              {label}: {valueWords(field, value)}
            </span>
          </label>
        );
      })}
    </>
  );
}
