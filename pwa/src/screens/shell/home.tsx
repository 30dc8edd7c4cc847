/** What a desk shows while no work order is open: the shop at a glance, and the keys. */
import type { Shown } from "../../sync/types";
import { lookOf } from "../../ui/badges";
import { Icon } from "../../ui/icons";
import { go } from "../../ui/router";
import { plural, word } from "../../ui/words";
import { records } from "../live";
import { dueOf, isOpen, statusOf } from "../work/facts";
import { showStatus } from "../work/jobs";
import { helpOpen } from "./keys";

const STATUSES = [
  "new",
  "diagnosing",
  "waiting_approval",
  "approved",
  "in_progress",
  "waiting_parts",
  "on_hold",
  "qc",
  "ready",
];

function choose(status: string): void {
  showStatus(status);
  go("/jobs");
}

export function DeskHome() {
  const now = Date.now();
  const open = records("work_order").filter(isOpen);
  const late = open.filter((one) => dueOf(one, now)?.late).length;
  const free = open.filter((one) => !one.data.assignee).length;
  return (
    <div class="home stack">
      <div>
        <h1>
          {open.length} open {plural("work_order").toLowerCase()}
        </h1>
        <p class="soft">
          {[late && `${late} late`, free && `${free} not assigned`].filter(Boolean).join(" · ") ||
            "None is late, and each has somebody."}
        </p>
      </div>
      <ul class="tiles">
        {STATUSES.map((status) => (
          <li key={status}>
            <Tile status={status} orders={open.filter((one) => statusOf(one) === status)} />
          </li>
        ))}
      </ul>
      <p class="row soft wrap">
        <Icon name="keyboard" />
        <span>
          <kbd class="kbd">j</kbd> <kbd class="kbd">k</kbd> move, <kbd class="kbd">/</kbd> search,{" "}
          <kbd class="kbd">n</kbd> new
        </span>
        <button type="button" class="button quiet" onClick={() => (helpOpen.value = true)}>
          All keys
        </button>
      </p>
    </div>
  );
}

function Tile({ status, orders }: { status: string; orders: Shown[] }) {
  const look = lookOf(status);
  return (
    <button type="button" class={`tile card tone-${look.tone}`} onClick={() => choose(status)}>
      <span class="row">
        <Icon name={look.icon} />
        <span class="grow">{word(`status.${status}`)}</span>
      </span>
      <strong class="number">{orders.length}</strong>
    </button>
  );
}
