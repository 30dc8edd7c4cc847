/** Whose it is: a known customer found by words, or a new one by name and a way to reach them. */

import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { first, initials, list, text } from "../../ui/data";
import { TextField } from "../../ui/field";
import { Icon } from "../../ui/icons";
import { inner, word } from "../../ui/words";
import { record, records } from "../live";
import { searchCustomers } from "../work/search";

export interface CustomerChoice {
  id: string;
  adding: boolean;
  name: string;
  company: string;
  phone: string;
  email: string;
}

export const NO_CUSTOMER: CustomerChoice = {
  id: "",
  adding: false,
  name: "",
  company: "",
  phone: "",
  email: "",
};

interface Props {
  value: CustomerChoice;
  onPick: (value: CustomerChoice) => void;
}

const FOUND_MAX = 6;

export function CustomerPicker({ value, onPick }: Props) {
  if (value.id) return <Chosen id={value.id} onClear={() => onPick(NO_CUSTOMER)} />;
  return value.adding ? <NewCustomer value={value} onPick={onPick} /> : <Search onPick={onPick} />;
}

function Chosen({ id, onClear }: { id: string; onClear: () => void }) {
  const customer = record("customer", id);
  return (
    <div class="field">
      <span class="label">{word("customer")}</span>
      <div class="choice picked">
        <Person customer={customer} />
        <button type="button" class="button quiet" onClick={onClear}>
          Change
        </button>
      </div>
    </div>
  );
}

function Person({ customer }: { customer: Shown | undefined }) {
  const name = first(customer?.data.name, customer?.data.company);
  const reach = [
    customer?.data.name ? text(customer.data.company) : "",
    list(customer?.data.phones)[0] ?? "",
    list(customer?.data.emails)[0] ?? "",
  ];
  return (
    <>
      <span class="avatar" aria-hidden="true">
        {initials(name)}
      </span>
      <span class="grow">
        {name}
        <span class="why clip">{reach.filter(Boolean).slice(0, 2).join(" · ")}</span>
      </span>
    </>
  );
}

function Search({ onPick }: { onPick: Props["onPick"] }) {
  const [words, setWords] = useState("");
  const found = words.trim() ? searchCustomers(records("customer"), words).slice(0, FOUND_MAX) : [];
  const add = () =>
    onPick({ ...NO_CUSTOMER, adding: true, ...(/\d{4}/.test(words) ? { phone: words } : { name: words }) });
  return (
    <div class="stack-tight">
      <TextField
        label={word("customer")}
        value={words}
        onInput={setWords}
        required
        placeholder="Name, company, phone…"
        type="search"
      />
      <ul class="stack-tight" aria-label="Matches">
        {found.map((one) => (
          <li key={one.id}>
            <button type="button" class="choice" onClick={() => onPick({ ...NO_CUSTOMER, id: one.id })}>
              <Person customer={one} />
            </button>
          </li>
        ))}
      </ul>
      <button type="button" class="button tinted" onClick={add}>
        <Icon name="plus" /> New {inner("customer")}
        {words.trim() ? ` “${words.trim()}”` : ""}
      </button>
    </div>
  );
}

function NewCustomer({ value, onPick }: Props) {
  const set = (field: keyof CustomerChoice) => (typed: string) => onPick({ ...value, [field]: typed });
  return (
    <fieldset class="card pad stack">
      <legend class="hidden-label">New {inner("customer")}</legend>
      <div class="row">
        <h2 class="grow">New {inner("customer")}</h2>
        <button type="button" class="button quiet" onClick={() => onPick(NO_CUSTOMER)}>
          Search instead
        </button>
      </div>
      <TextField label="Name" value={value.name} onInput={set("name")} required autofocus />
      <TextField label="Company" value={value.company} onInput={set("company")} />
      <div class="pair">
        <TextField label="Phone" type="tel" inputmode="tel" value={value.phone} onInput={set("phone")} />
        <TextField label="Mail" type="email" inputmode="email" value={value.email} onInput={set("email")} />
      </div>
    </fieldset>
  );
}
