/** Search by words over what is on this phone: every word must begin some word of the record or lie within its number. */
import type { Shown } from "../../sync/types";
import { list, text } from "../../ui/data";
import { word } from "../../ui/words";

type Find = (collection: string, id: string) => Shown | undefined;

/** Lower case, without accents, words separated by one space. */
export function fold(value: string): string {
  return value
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

const ORDER = ["number", "complaint", "diagnosis", "correction", "service_type", "area", "bay"];
const CUSTOMER = ["name", "company", "address", "area"];
const EQUIPMENT = ["kind", "make", "model", "serial", "tag"];

function texts(record: Shown | undefined, fields: string[], lists: string[] = []): string[] {
  if (!record) return [];
  return [
    ...fields.map((field) => text(record.data[field])),
    ...lists.flatMap((field) => list(record.data[field])),
  ];
}

/** All that a work order can be found by, folded, with a space at both ends. */
export function haystack(order: Shown, find: Find): string {
  const customer = find("customer", text(order.data.customer));
  const equipment = find("equipment", text(order.data.equipment));
  const assignee = find("staff", text(order.data.assignee));
  const parts = [
    ...texts(order, ORDER, ["tags"]),
    ...texts(customer, CUSTOMER, ["emails", "phones", "tags"]),
    ...texts(equipment, EQUIPMENT),
    ...texts(assignee, ["name", "initials"]),
    word(`status.${text(order.data.status)}`),
    word(`priority.${text(order.data.priority)}`),
  ];
  return ` ${fold(parts.join(" "))} `;
}

/** Whether every word of `wanted` begins a word of `hay`; digits may lie anywhere, since people know a number's end. */
export function matches(hay: string, wanted: string): boolean {
  return fold(wanted)
    .split(" ")
    .every((one) => hay.includes(` ${one}`) || (/^\d{2,}$/.test(one) && hay.includes(one)));
}

export function searchCustomers(customers: Shown[], wanted: string): Shown[] {
  return customers.filter(
    (one) =>
      one.data.active !== false &&
      matches(` ${fold(texts(one, CUSTOMER, ["emails", "phones"]).join(" "))} `, wanted),
  );
}
