/** Which work order a picture belongs to: the one with the running timer first, then one's own, then the rest, by words. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { StatusDisc } from "../../ui/badges";
import { first } from "../../ui/data";
import { TextField } from "../../ui/field";
import { inner, plural } from "../../ui/words";
import { me, must, record, records } from "../live";
import { orderOf, runningWork } from "../timesheet/timer";
import { byUrgency, customerName, equipmentName, isOpen, numberOf, statusOf } from "../work/facts";
import { haystack, matches } from "../work/search";

const SHOWN_MAX = 12;

/** The work order somebody most likely means, first. */
function likely(orders: Shown[], timer: string, person: string): Shown[] {
  const rank = (one: Shown) => (one.id === timer ? 0 : one.data.assignee === person ? 1 : 2);
  return orders.filter(isOpen).sort((a, b) => rank(a) - rank(b) || byUrgency(a, b));
}

export function ChooseOrder({ onChoose }: { onChoose: (id: string) => void }) {
  const [words, setWords] = useState("");
  const timer = runningWork.value ? orderOf(runningWork.value) : "";
  const all = records("work_order");
  const find = must().get.bind(must());
  const found = words.trim()
    ? all.filter((one) => matches(haystack(one, find), words))
    : likely(all, timer, me.value.id);
  return (
    <>
      <TextField
        label={`Search ${plural("work_order").toLowerCase()}`}
        type="search"
        placeholder="Number, name, machine…"
        value={words}
        onInput={setWords}
      />
      <ul class="stack-tight" aria-label={plural("work_order")}>
        {found.slice(0, SHOWN_MAX).map((one) => (
          <li key={one.id}>
            <Choice order={one} runs={one.id === timer} onChoose={onChoose} />
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="soft">Nothing was found. Try fewer words.</p>}
      {found.length > SHOWN_MAX && (
        <p class="soft small">and {found.length - SHOWN_MAX} more: search to see them</p>
      )}
    </>
  );
}

interface ChoiceProps {
  order: Shown;
  runs: boolean;
  onChoose: (id: string) => void;
}

function Choice({ order, runs, onChoose }: ChoiceProps) {
  const machine = equipmentName(record("equipment", order.data.equipment)?.data);
  return (
    <button type="button" class="choice" onClick={() => onChoose(order.id)}>
      <StatusDisc status={statusOf(order)} />
      <span class="grow">
        {first(customerName(record("customer", order.data.customer)?.data), `No ${inner("customer")}`)}
        <span class="why clip">{[numberOf(order), machine].filter(Boolean).join(" · ")}</span>
      </span>
      {runs && <span class="tag">timer runs</span>}
    </button>
  );
}
