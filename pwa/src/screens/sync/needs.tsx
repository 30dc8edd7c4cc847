/** Needs you: what the shop did not take, with the reason, and what two people wrote at once. Nothing leaves unasked. */
import { useState } from "preact/hooks";
import type { Parked, Shown } from "../../sync/types";
import { num, text } from "../../ui/data";
import { Empty } from "../../ui/empty";
import { dayAndTime, stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { toast } from "../../ui/toast";
import { capital, inner } from "../../ui/words";
import { conflictOpen } from "../conflicts/sheet";
import { openConflicts } from "../conflicts/sides";
import { me, must, parked, record } from "../live";
import { RefusedCards, refusedFiles } from "../photos/needs";
import { toFile } from "../recovery/file";
import { looksAfterTeam, nameOfStaff, settledBy } from "../recovery/settle";
import { DiscardSheet } from "./discard";
import { Notices, told } from "./notices";
import { opValues, opWords, reasonWords, valueWords } from "./reasons";
import { RetrySheet } from "./retry";

export function NeedsScreen() {
  const conflicts = openConflicts();
  const waiting = parked.value.filter((one) => !settledBy(one));
  const [mending, setMending] = useState<Parked | null>(null);
  const [throwing, setThrowing] = useState<Parked | null>(null);
  return (
    <div class="needs stack">
      <h1>Needs you</h1>
      {conflicts.length + parked.value.length + told().length + refusedFiles().length === 0 && (
        <Empty icon="check" title="Nothing needs you">
          Edits that the shop could not take, and things two people wrote at once, would be listed here.
        </Empty>
      )}
      {parked.value.filter(settledBy).map((one) => (
        <SettledCard key={one.key} one={one} />
      ))}
      {waiting.map((one) => (
        <ParkedCard
          key={one.key}
          one={one}
          onMend={() => setMending(one)}
          onDiscard={() => setThrowing(one)}
        />
      ))}
      <RefusedCards />
      {conflicts.map((one) => (
        <ConflictCard key={one.id} conflict={one} />
      ))}
      <Notices />
      {looksAfterTeam() && (
        <a class="card pad row link-card" href="/team/refused">
          <Icon name="people" />
          <strong class="grow">Refused changes of the team</strong>
          <Icon name="forward" />
        </a>
      )}
      {mending && <RetrySheet parked={mending} onClose={() => setMending(null)} />}
      {throwing && <DiscardSheet parked={throwing} onClose={() => setThrowing(null)} />}
    </div>
  );
}

/** Hands the draft over as a file, so that it can be kept or shown to somebody. */
function download(one: Parked): void {
  const what = one.ops.flatMap((op) => [
    opWords(op),
    ...opValues(op).map(({ label, field, value }) => `${label}: ${valueWords(field, value)}`),
  ]);
  const { id, name } = me.value;
  const file = toFile(one, { id, name }, { made: dayAndTime(one.at), why: reasonWords(one), what });
  const url = URL.createObjectURL(new Blob([file], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `workbay-${one.id}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  toast("Saved as a file, to keep or to give to a manager.");
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

/** The office has dealt with it: nothing is left to decide, only to know. */
function SettledCard({ one }: { one: Parked }) {
  const found = settledBy(one);
  if (!found) return null;
  const who = nameOfStaff(found.data.created_by);
  const reason = text(found.data.reason);
  return (
    <section class="card pad row">
      <Icon name="check" />
      <span class="grow">
        {who} {found.data.how === "taken_over" ? "took over" : "set aside"} what the shop had not taken from
        you: {one.ops.map(opWords).join("; ")}
        <span class="soft small block number">
          {[reason, stamp(num(found.data.created_at) ?? one.at)].filter(Boolean).join(" · ")}
        </span>
      </span>
      <button type="button" class="button" onClick={() => void must().discard(one.key)}>
        Got it
      </button>
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
