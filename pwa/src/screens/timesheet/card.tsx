/** Time on a work order: who worked when. One's own finished entries can be corrected, with a reason. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { num, text } from "../../ui/data";
import { clock, day, minutes, running } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { children, me, record } from "../live";
import { ItemSync } from "../syncwords";
import { Correction } from "./correction";
import { elapsed, now } from "./timer";

export function TimeCard({ order }: { order: Shown }) {
  const entries = children(order.id, "time_entry").sort(
    (a, b) => (num(b.data.started_at) ?? 0) - (num(a.data.started_at) ?? 0),
  );
  const [open, setOpen] = useState<string | null>(null);
  const corrected = entries.find((one) => one.id === open);
  const total = entries
    .filter((one) => num(one.data.ended_at) !== null)
    .reduce((sum, one) => sum + elapsed(one, 0), 0);
  if (entries.length === 0) return null;
  return (
    <section class="card" aria-labelledby="time-title">
      <header>
        <h2 id="time-title">Time</h2>
        <span class="soft number pad-right">{minutes(total / 60_000)}</span>
      </header>
      <div class="body">
        <ul class="entries">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} onCorrect={() => setOpen(entry.id)} />
          ))}
        </ul>
      </div>
      {corrected && <Correction entry={corrected} onClose={() => setOpen(null)} />}
    </section>
  );
}

function Entry({ entry, onCorrect }: { entry: Shown; onCorrect: () => void }) {
  const start = num(entry.data.started_at) ?? 0;
  const end = num(entry.data.ended_at);
  const own = entry.data.staff === me.value.id;
  return (
    <li class="row entry">
      <span class="grow">
        <strong class="mid">
          {own ? "You" : text(record("staff", entry.data.staff)?.data.name) || "Somebody"}
        </strong>
        <span class="row wrap small soft number">
          {day(start)}, {clock(start)}–{end === null ? "now" : clock(end)}
          {text(entry.data.correction_reason) && <span>corrected: {text(entry.data.correction_reason)}</span>}
          <ItemSync id={entry.id} quiet />
        </span>
      </span>
      <span class="number">
        {end === null ? running(elapsed(entry, now.value)) : minutes(elapsed(entry, 0) / 60_000)}
      </span>
      {own && end !== null && (
        <button
          type="button"
          class="button quiet icon-only"
          aria-label="Correct this time"
          onClick={onCorrect}
        >
          <Icon name="edit" />
        </button>
      )}
    </li>
  );
}
