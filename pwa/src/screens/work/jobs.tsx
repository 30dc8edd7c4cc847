/** Jobs: every work order on this phone, by words and by status. Works the same with and without a network. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { Empty } from "../../ui/empty";
import { Icon } from "../../ui/icons";
import { go, query } from "../../ui/router";
import { SearchBox } from "../../ui/searchbox";
import { inner, plural, word } from "../../ui/words";
import { me, must, records } from "../live";
import { byNewest, byUrgency, isOpen, statusOf } from "./facts";
import { OlderWork } from "./older";
import { OrderRow } from "./row";
import { haystack, matches } from "./search";

const wanted = signal("");
const filter = signal("open");
const SHOWN_MAX = 200;
const most = signal(SHOWN_MAX);

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
  "closed",
  "canceled",
];

/** Presses the chip of `status` and lets go of the words searched for. */
export function showStatus(status: string): void {
  filter.value = status;
  wanted.value = "";
}

function passes(order: Shown, by: string): boolean {
  if (by === "open") return isOpen(order);
  if (by === "mine") return isOpen(order) && order.data.assignee === me.value.id;
  return by === "all" || statusOf(order) === by;
}

/** What the list shows: with words it looks through everything, whatever chip is pressed. */
function found(all: Shown[]): Shown[] {
  const words = wanted.value.trim();
  const replica = must();
  if (words)
    return all.filter((one) => matches(haystack(one, replica.get.bind(replica)), words)).sort(openFirst);
  const by = filter.value;
  const sorted = all.filter((one) => passes(one, by));
  return by === "open" || by === "mine" ? sorted.sort(byUrgency) : sorted.sort(byNewest);
}

const openFirst = (a: Shown, b: Shown) => Number(isOpen(b)) - Number(isOpen(a)) || byNewest(a, b);

export function JobsScreen({ selected }: { selected?: string }) {
  useEffect(() => {
    const given = new URLSearchParams(query.value).get("q");
    if (given === null) return;
    wanted.value = given;
    go("/jobs", "replace");
  }, [query.value]);
  const all = records("work_order");
  const orders = found(all);
  const words = wanted.value.trim();
  return (
    <div class="jobs stack">
      <h1 class="hidden-label">{plural("work_order")}</h1>
      <SearchBox
        id="search"
        label={`Search ${plural("work_order").toLowerCase()}`}
        placeholder="Number, name, machine…"
        value={wanted.value}
        onInput={(words) => (wanted.value = words)}
      />
      {!wanted.value.trim() && <Filters all={all} />}
      <p class="hidden-label" role="status">
        {orders.length} found
      </p>
      {wanted.value.trim() && orders.length > 0 && <p class="soft mid">{orders.length} found</p>}
      {orders.length > 0 ? (
        <div class="order-list card">
          {orders.slice(0, most.value).map((order) => (
            <OrderRow key={order.id} order={order} selected={order.id === selected} />
          ))}
        </div>
      ) : (
        !words && <NothingFound />
      )}
      {orders.length > most.value && (
        <button type="button" class="button wide" onClick={() => (most.value += SHOWN_MAX)}>
          Show {Math.min(SHOWN_MAX, orders.length - most.value)} more of {orders.length}
        </button>
      )}
      {words && <OlderWork words={words} nothing={orders.length === 0 && <NothingFound />} />}
    </div>
  );
}

function Filters({ all }: { all: Shown[] }) {
  const counts = new Map<string, number>();
  for (const order of all) counts.set(statusOf(order), (counts.get(statusOf(order)) ?? 0) + 1);
  const count = (by: string) => all.filter((one) => passes(one, by)).length;
  const chips = [
    { by: "open", label: "Open", many: count("open") },
    { by: "mine", label: "Mine", many: count("mine") },
    ...STATUSES.filter((by) => counts.has(by)).map((by) => ({
      by,
      label: word(`status.${by}`),
      many: counts.get(by) ?? 0,
    })),
    { by: "all", label: "All", many: all.length },
  ];
  return (
    <fieldset class="chips" aria-label="Show">
      {chips.map((one) => (
        <button
          key={one.by}
          type="button"
          class="chip"
          aria-pressed={filter.value === one.by ? "true" : "false"}
          onClick={() => (filter.value = one.by)}
        >
          {one.label} <span class="count">{one.many}</span>
        </button>
      ))}
    </fieldset>
  );
}

function NothingFound() {
  const words = wanted.value.trim();
  if (words) {
    return (
      <Empty
        icon="search"
        title={`Nothing for “${words}”`}
        action={
          <button type="button" class="button" onClick={() => (wanted.value = "")}>
            Clear the search
          </button>
        }
      >
        The search looks through number, {inner("customer")}, {inner("equipment")}, complaint and tags of what
        is on this phone. Fewer words find more.
      </Empty>
    );
  }
  return (
    <Empty
      icon="jobs"
      title="Nothing here"
      action={
        filter.value === "all" ? (
          <a class="button main" href="/new">
            <Icon name="plus" /> New {inner("work_order")}
          </a>
        ) : (
          <button type="button" class="button" onClick={() => (filter.value = "all")}>
            Show all
          </button>
        )
      }
    >
      {filter.value === "all"
        ? `The first ${inner("work_order")} starts with a customer and a complaint.`
        : "No job has this status just now."}
    </Empty>
  );
}
