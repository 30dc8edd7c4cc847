/** One work order as its customer sees it: read-only, live, and honest about how old it is. */
import type { Shown } from "../../sync/types";
import { Badge, Meter } from "../../ui/badges";
import { first, flag, num, text } from "../../ui/data";
import { Empty } from "../../ui/empty";
import { dayAndTime, minutes, money, quantity, when } from "../../ui/format";
import { capital, word } from "../../ui/words";
import { children, overall, record } from "../live";
import { machineOf } from "./dashboard";
import { PortalPhotos } from "./photos";
import { marksOf, sentenceOf, tasksOf } from "./stages";
import { Stepper } from "./stepper";

export function PortalOrder({ id }: { id: string }) {
  const order = record("work_order", id);
  if (!order) return <Missing />;
  return (
    <article class="stack">
      <header class="stack-tight">
        <p class="soft number">{text(order.data.number) || "New"}</p>
        <h1>{machineOf(order)}</h1>
        <div class="row wrap">
          {marksOf(order).map((mark) => (
            <Badge key={mark.words} tone={mark.tone} icon={mark.icon} size="large">
              {mark.words}
            </Badge>
          ))}
        </div>
        <p aria-live="polite">{sentenceOf(order)}</p>
      </header>
      <section class="card pad" aria-label="Progress">
        <Stepper order={order} />
      </section>
      <Progress order={order} />
      <Words order={order} />
      <Lines order={order} />
      <PortalPhotos order={order} />
    </article>
  );
}

function Missing() {
  const loading = overall.value?.bootstrapping != null;
  return (
    <Empty
      icon={loading ? "download" : "search"}
      title={loading ? "Still on its way" : "This is not among your orders"}
      action={
        <a class="button main" href="/customer/dashboard">
          All your orders
        </a>
      }
    />
  );
}

function Progress({ order }: { order: Shown }) {
  const tasks = tasksOf(order);
  const eta = num(order.data.promised_at);
  const planned = num(order.data.estimated_minutes);
  const spent = num(order.data.actual_minutes);
  const assignee = text(record("staff", order.data.assignee)?.data.name);
  if (!tasks && eta === null && !assignee) return null;
  return (
    <section class="card pad stack" aria-label="Facts">
      {tasks && (
        <div class="stack-tight">
          <p class="row">
            <strong class="grow">Tasks</strong>
            <span class="number">
              {tasks.done}/{tasks.total} tasks
            </span>
          </p>
          <Meter done={tasks.done} total={tasks.total} label={`${tasks.done} of ${tasks.total} tasks done`} />
        </div>
      )}
      <dl class="facts">
        {eta !== null && <Fact name="Expected" value={capital(when(eta))} />}
        {planned ? <Fact name="Planned time" value={minutes(planned)} /> : null}
        {spent ? <Fact name="Time so far" value={minutes(spent)} /> : null}
        {assignee && <Fact name="In the hands of" value={assignee} />}
        {num(order.data.created_at) !== null && (
          <Fact name="Received" value={dayAndTime(num(order.data.created_at) ?? 0)} />
        )}
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd class="number">{value}</dd>
    </>
  );
}

/** What was said and what was done; the diagnosis is the shop's own. */
function Words({ order }: { order: Shown }) {
  const parts = ["complaint", "correction"].filter((field) => text(order.data[field]));
  if (parts.length === 0) return null;
  return (
    <section class="card story" aria-label="What was said and done">
      {parts.map((field) => (
        <div key={field} class="story-part">
          <h2>{field === "complaint" ? "What you told us" : "What we did"}</h2>
          <p class="kept-lines">{text(order.data[field])}</p>
        </div>
      ))}
    </section>
  );
}

const amount = (line: Shown) =>
  Math.round(((num(line.data.price_cents) ?? 0) * (num(line.data.quantity_milli) ?? 1000)) / 1000);

/** "4 × €1.90": only where there is more, or less, than one. */
function each(line: Shown): string {
  const many = num(line.data.quantity_milli) ?? 1000;
  const price = num(line.data.price_cents);
  if (many === 1000) return "";
  return price === null ? `${quantity(many)} ×` : `${quantity(many)} × ${money(price)}`;
}

function Lines({ order }: { order: Shown }) {
  const lines = children(order.id, "line_item").sort((a, b) => a.id.localeCompare(b.id));
  const total = num(order.data.total_cents);
  if (lines.length === 0) return null;
  return (
    <section class="card" aria-labelledby="lines-title">
      <header>
        <h2 id="lines-title">Parts and work</h2>
      </header>
      <div class="body">
        <ul class="lines">
          {lines.map((line) => (
            <li key={line.id} class="row portal-line">
              <span class={`grow ${flag(line.data.declined) ? "declined" : ""}`}>
                {first(line.data.description, word("kind.part"))}
                <span class="soft small block number">
                  {[each(line), text(line.data.correction)].filter(Boolean).join(" · ")}
                </span>
              </span>
              {num(line.data.price_cents) !== null && <span class="number">{money(amount(line))}</span>}
            </li>
          ))}
        </ul>
        {total !== null && (
          <p class="row total">
            <span class="grow">{word("total")}</span>
            <strong class="number">{money(total)}</strong>
          </p>
        )}
      </div>
    </section>
  );
}
