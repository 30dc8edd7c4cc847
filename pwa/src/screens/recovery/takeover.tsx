/** Taking over: what its author wrote beside what stands now, part by part, with the words open to be edited. */
import { useState } from "preact/hooks";
import { AreaField } from "../../ui/field";
import { Sheet } from "../../ui/sheet";
import { act } from "../act";
import { record } from "../live";
import { opValues, opWords, valueWords } from "../sync/reasons";
import { asOp } from "./card";
import type { Refused } from "./fetch";
import { type Chosen, keyOf, NOTHING_YET, planned, type ToldOp } from "./plan";
import { settled } from "./settle";

export function TakeOverSheet({ one, onClose }: { one: Refused; onClose: () => void }) {
  const [chosen, setChosen] = useState<Chosen>(NOTHING_YET);
  const [busy, setBusy] = useState(false);
  const drafts = planned(one.ops, chosen);
  const take = async () => {
    setBusy(true);
    const all = [...drafts, settled(one.key, one.person, "taken_over")];
    const done = await act(all, `Taken over from ${one.name}`);
    setBusy(false);
    if (done) onClose();
  };
  const save = (
    <button
      type="button"
      class="button main"
      disabled={busy || drafts.length === 0}
      onClick={() => void take()}
    >
      Save in my name
    </button>
  );
  return (
    <Sheet title={`Take over from ${one.name}`} onClose={onClose} footer={save}>
      <p class="soft">This makes a new change in your name, on top of what stands now. {one.name} is told.</p>
      {one.ops.map((op, i) => (
        <section key={i} class="stack-tight">
          <h3>{opWords(asOp(op))}</h3>
          {op.id ? (
            <Parts op={op} at={i} chosen={chosen} onChoose={setChosen} />
          ) : (
            <p class="soft">It is no longer there, so this part cannot be saved. The list keeps the words.</p>
          )}
        </section>
      ))}
    </Sheet>
  );
}

interface PartsProps {
  op: ToldOp;
  at: number;
  chosen: Chosen;
  onChoose: (chosen: Chosen) => void;
}

function Parts({ op, at, chosen, onChoose }: PartsProps) {
  const held = record(op.collection, op.id)?.data;
  const { words, without } = chosen;
  const toggle = (key: string) => {
    const left = without.includes(key) ? without.filter((one) => one !== key) : [...without, key];
    onChoose({ ...chosen, without: left });
  };
  return (
    <>
      {opValues(asOp(op)).map(({ field, label, value, editable }) => {
        const key = keyOf(at, field);
        const out = without.includes(key);
        const write = (typed: string) => onChoose({ ...chosen, words: { ...words, [key]: typed } });
        return (
          <div key={field} class="stack-tight">
            {op.op === "patch" && (
              <>
                <label class="row tickline">
                  <input type="checkbox" checked={!out} onChange={() => toggle(key)} />
                  <span>{label}</span>
                </label>
                <Versions now={valueWords(field, held?.[field])} theirs={valueWords(field, value)} />
              </>
            )}
            {editable && !out && (
              <AreaField label={`${label} to save`} value={words[key] ?? String(value)} onInput={write} />
            )}
          </div>
        );
      })}
    </>
  );
}

function Versions({ now, theirs }: { now: string; theirs: string }) {
  return (
    <div class="versions">
      <div>
        <span class="soft small block">Stands now</span>
        <span class="kept-lines">{now}</span>
      </div>
      <div class="theirs">
        <span class="small block">They wrote</span>
        <span class="kept-lines">{theirs}</span>
      </div>
    </div>
  );
}
