/** The customer of a work order: who, and how to reach them with one tap. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { first, initials, list, text } from "../../ui/data";
import { Icon } from "../../ui/icons";
import { inner, plural, word } from "../../ui/words";
import { HistoryButton } from "../history/button";
import { historyOf } from "../history/open";
import { record, records } from "../live";
import { PhotosLink } from "../photos/link";
import { type FieldSpec, RecordSheet } from "../recordsheet";
import { may } from "../rights";
import { isOpen } from "../work/facts";

const FIELDS: FieldSpec[] = [
  { field: "name", label: "Name", required: true },
  { field: "company", label: "Company" },
  { field: "phones", label: "Phones", kind: "list" },
  { field: "emails", label: "Mail addresses", kind: "list" },
  { field: "address", label: "Address", kind: "area" },
];

export function CustomerCard({ order }: { order: Shown }) {
  const customer = record("customer", order.data.customer);
  const [editing, setEditing] = useState(false);
  if (!customer) return null;
  const { data } = customer;
  const phone = list(data.phones)[0] ?? text(data.phones);
  const mail = list(data.emails)[0] ?? text(data.emails);
  const name = first(data.name, data.company);
  return (
    <section class="card" aria-labelledby="customer-title">
      <header>
        <h2 id="customer-title">{word("customer")}</h2>
        <HistoryButton of={customer} />
        {may("u", "customer") && (
          <button
            type="button"
            class="button quiet icon-only"
            aria-label={`Edit ${inner("customer")}`}
            onClick={() => setEditing(true)}
          >
            <Icon name="edit" />
          </button>
        )}
      </header>
      <div class="body stack">
        <div class="row person">
          <span class="avatar" aria-hidden="true">
            {initials(name)}
          </span>
          <div class="grow">
            <strong>{name}</strong>
            {data.company && data.name ? <div class="soft mid">{text(data.company)}</div> : null}
          </div>
        </div>
        <div class="row reach">
          {phone && (
            <a class="button grow" href={`tel:${phone.replace(/[^+\d]/g, "")}`}>
              <Icon name="call" /> Call
            </a>
          )}
          {mail && (
            <a class="button grow" href={`mailto:${mail}`}>
              <Icon name="mail" /> Mail
            </a>
          )}
        </div>
        <dl class="facts">
          {phone && <Fact name="Phone" value={phone} onTap={historyOf(customer, "phones")} />}
          {mail && <Fact name="Mail" value={mail} onTap={historyOf(customer, "emails")} />}
          {text(data.address) && (
            <Fact name="Address" value={text(data.address)} onTap={historyOf(customer, "address")} />
          )}
        </dl>
        <Others customer={customer} order={order} />
        <PhotosLink of={customer} />
      </div>
      {editing && (
        <RecordSheet
          title={`Edit ${inner("customer")}`}
          collection="customer"
          record={customer}
          fields={FIELDS}
          onClose={() => setEditing(false)}
        />
      )}
    </section>
  );
}

/** A name and a value; with `onTap` the value leads to its history. */
export function Fact({ name, value, onTap }: { name: string; value: string; onTap?: () => void }) {
  return (
    <>
      <dt>{name}</dt>
      <dd class="kept-lines number">
        {onTap ? (
          <button type="button" class="fact-tap" title="History" onClick={onTap}>
            {value}
            <span class="hidden-label">. See the history</span>
          </button>
        ) : (
          value
        )}
      </dd>
    </>
  );
}

/** What else this customer has in the shop: handing over one machine is the time to speak of the other. */
function Others({ customer, order }: { customer: Shown; order: Shown }) {
  const others = records("work_order").filter(
    (one) => one.id !== order.id && one.data.customer === customer.id,
  );
  if (others.length === 0) return null;
  const open = others.filter(isOpen).length;
  return (
    <a
      class="button quiet"
      href={`/jobs?q=${encodeURIComponent(first(customer.data.name, customer.data.company))}`}
    >
      <Icon name="history" /> {others.length} other{" "}
      {others.length === 1 ? inner("work_order") : plural("work_order").toLowerCase()}
      {open ? `, ${open} open` : ""}
    </a>
  );
}
