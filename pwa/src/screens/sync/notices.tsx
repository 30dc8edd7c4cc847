/** Told once: edits of one's own that gave way to a later one, or became one text with somebody else's. The history keeps them. */
import { signal } from "@preact/signals";
import type { Shown } from "../../sync/types";
import { list, num, text } from "../../ui/data";
import { DAY_MS, stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { remember, remembered } from "../../ui/memory";
import { inner } from "../../ui/words";
import { me, must, overall, record, records } from "../live";
import { valueWords } from "./reasons";

interface Told {
  key: string;
  at: number;
  collection: string;
  id: string;
  field: string;
  /** What one had written, where it is known. */
  value: string;
  by: string;
  /** Nothing gave way: the words of both are in what stands. */
  merged: boolean;
  dismiss: () => void;
}

const KEPT_DAYS = 7;
const READ = "workbay.notices.read";
const read = signal<string[]>(list(JSON.parse(remembered(READ) ?? "[]")));

function markRead(id: string): void {
  read.value = [...read.value.slice(-200), id];
  remember(READ, JSON.stringify(read.value));
}

/** What the server wrote down for this person, since the edit had been accepted before. */
function fromRecord(one: Shown): Told {
  const value = (one.data.value ?? {}) as Record<string, unknown>;
  return {
    key: one.id,
    at: num(one.data.created_at) ?? 0,
    collection: text(one.data.collection),
    id: text(one.data.record),
    field: text(one.data.field),
    value: Object.entries(value)
      .filter(([name]) => !name.endsWith("_at"))
      .map(([name, held]) => valueWords(name, held))
      .join(", "),
    by: text(one.data.by),
    merged: one.data.merged === true,
    dismiss: () => markRead(one.id),
  };
}

/** What came back as the answer to an edit of this device. */
function fromAnswers(): Told[] {
  return must()
    .notices()
    .flatMap((one) => {
      const lost = one.overtaken as Record<string, unknown>[];
      const both = (one.merged ?? []) as Record<string, unknown>[];
      return [...lost, ...both].slice(0, 1).map((told) => ({
        key: one.key,
        at: one.at,
        collection: text(told.collection),
        id: text(told.id),
        field: text(told.field),
        value: "",
        by: "",
        merged: lost.length === 0,
        dismiss: () => void must().dismiss(one.key),
      }));
    });
}

export function told(): Told[] {
  overall.value;
  const since = Date.now() - KEPT_DAYS * DAY_MS;
  const own = records("notice").filter(
    (one) => one.data.staff === me.value.id && !read.value.includes(one.id),
  );
  return [...own.map(fromRecord).filter((one) => one.at > since), ...fromAnswers()].sort(
    (a, b) => b.at - a.at,
  );
}

function whatBecame({ merged, by }: Told): string {
  const other = by || "somebody else";
  return merged
    ? `put together with what ${other} wrote at the same time. Both are in it.`
    : `changed again by ${other}, later than you.`;
}

function whereOf(one: Told): string {
  const about = record(one.collection, one.id)?.data;
  const order = record("work_order", about?.work_order)?.data ?? about;
  return text(order?.number) || text(about?.title) || text(about?.name) || inner(one.collection);
}

export function Notices() {
  const all = told();
  if (all.length === 0) return null;
  return (
    <section class="stack-tight" aria-labelledby="notices-title">
      <h2 id="notices-title" class="group-title">
        Good to know
      </h2>
      {all.map((one) => (
        <div key={one.key} class="card pad row">
          <Icon name="history" />
          <span class="grow">
            Your {inner(one.field)} of {whereOf(one)} was {whatBecame(one)}
            <span class="soft small block number">
              {[one.value && !one.merged && `You had: ${one.value}`, stamp(one.at)]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </span>
          <button type="button" class="button" onClick={one.dismiss}>
            Got it
          </button>
        </div>
      ))}
    </section>
  );
}
