/** Needs you: what the shop did not take, with the reason, and what two people wrote at once. Nothing leaves unasked. */
import { useState } from "preact/hooks";
import type { Parked, Shown } from "../../sync/types";
import { text } from "../../ui/data";
import { Empty } from "../../ui/empty";
import { stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { toast } from "../../ui/toast";
import { capital, inner } from "../../ui/words";
import { conflictOpen } from "../conflicts/sheet";
import { openConflicts } from "../conflicts/sides";
import { must, parked, record } from "../live";
import { DiscardSheet } from "./discard";
import { Notices, told } from "./notices";
import { opValues, opWords, reasonWords, valueWords } from "./reasons";
import { RetrySheet } from "./retry";

export function NeedsScreen() {
  const conflicts = openConflicts();
  const [mending, setMending] = useState<Parked | null>(null);
  const [throwing, setThrowing] = useState<Parked | null>(null);
  return (
    <div class="needs stack">
      <h1>Needs you</h1>
      {conflicts.length + parked.value.length + told().length === 0 && (
        <Empty icon="check" title="Nothing needs you">
          Edits that the shop could not take, and things two people wrote at once, would be listed here.
        </Empty>
      )}
      {parked.value.map((one) => (
        <ParkedCard
          key={one.key}
          one={one}
          onMend={() => setMending(one)}
          onDiscard={() => setThrowing(one)}
        />
      ))}
      {conflicts.map((one) => (
        <ConflictCard key={one.id} conflict={one} />
      ))}
      <Notices />
      {mending && <RetrySheet parked={mending} onClose={() => setMending(null)} />}
      {throwing && <DiscardSheet parked={throwing} onClose={() => setThrowing(null)} />}
    </div>
  );
}

/** Hands the draft over as a file, so that it can be kept or shown to somebody. */
function download(one: Parked): void {
  const url = URL.createObjectURL(new Blob([must().exportParked(one.key)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `workbay-${one.id}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  toast("The edit was saved as a file.");
}

function ParkedCard({ one, onMend, onDiscard }: { one: Parked; onMend: () => void; onDiscard: () => void }) {
  return (
    <section class="card pad stack" aria-label={reasonWords(one)}>
      <div class="banner tone-red">
        <Icon name="alert" />
        <span class="grow">
          <strong>{reasonWords(one)}</strong>
        </span>
      </div>
      <ul class="stack-tight">
        {one.ops.map((op) => (
          <li key={op.id}>
            <strong>{opWords(op)}</strong>
            {opValues(op).map((value) => (
              <p key={value.field} class="quote">
                <span class="small soft block">{value.label}</span>
                {valueWords(value.field, value.value)}
              </p>
            ))}
          </li>
        ))}
      </ul>
      <p class="soft small number">
        Made {stamp(one.at)} on this device. Your words are kept until you decide.
      </p>
      <div class="row wrap">
        <button type="button" class="button main grow" onClick={onMend}>
          <Icon name="edit" /> Edit and send again
        </button>
        <button type="button" class="button" onClick={() => download(one)}>
          <Icon name="download" /> Export
        </button>
        <button type="button" class="button" onClick={onDiscard}>
          <Icon name="trash" /> Discard
        </button>
      </div>
    </section>
  );
}

function ConflictCard({ conflict }: { conflict: Shown }) {
  const order = record("work_order", conflict.data.root ?? conflict.data.record)?.data;
  const customer = record("customer", order?.customer)?.data;
  return (
    <section class="card pad stack">
      <div>
        <h2>Two versions: {inner(text(conflict.data.field))}</h2>
        <p class="soft">
          {[text(order?.number), text(customer?.name)].filter(Boolean).join(" · ") ||
            capital(inner(text(conflict.data.collection)))}
        </p>
      </div>
      <button type="button" class="button main" onClick={() => (conflictOpen.value = conflict.id)}>
        <Icon name="split" /> Choose
      </button>
    </section>
  );
}
