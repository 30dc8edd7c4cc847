/** What runs right now, large enough to be read from the other side of the bench. */
import type { Shown } from "../../sync/types";
import { first, text } from "../../ui/data";
import { running } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { record } from "../live";
import { elapsed, now, orderOf, stopTimer } from "./timer";

export function RunningCard({ entry }: { entry: Shown }) {
  const order = record("work_order", orderOf(entry));
  const customer = record("customer", order?.data.customer);
  const task = record("task", entry.data.task);
  return (
    <div class="running card">
      <a class="grow" href={`/work/${orderOf(entry)}`}>
        <span class="row small">
          <i class="pulse" aria-hidden="true" /> Timer running
        </span>
        <strong class="big number">{running(elapsed(entry, now.value))}</strong>
        <span class="clip mid">
          {[text(order?.data.number), first(task?.data.title, customer?.data.name, customer?.data.company)]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </a>
      <button type="button" class="button main" onClick={() => void stopTimer()}>
        <Icon name="stop" /> Stop
      </button>
    </div>
  );
}
