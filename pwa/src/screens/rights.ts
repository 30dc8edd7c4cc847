/** What a person may do, read off the same declarations the server judges by; a screen only hides what would be refused. */
import { COLLECTIONS, type CollectionName } from "../collections.gen";
import type { Shown } from "../sync/types";
import { me } from "./live";

type Letter = "r" | "c" | "u" | "d";

/** Whether the signed-in person may do this; some may only with what is their own. */
export function may(letter: Letter, collection: CollectionName, one?: Shown): boolean {
  const spec = COLLECTIONS[collection];
  const [all = "", own = ""] = (spec.rights[me.value.role] ?? "").split("/");
  if (all.includes(letter)) return true;
  return own.includes(letter) && (!one || isOwn(one, spec.own));
}

/** What was made here and not sent yet has no author written down, and is one's own. */
function isOwn(one: Shown, field: string | undefined): boolean {
  if (field) return one.data[field] === me.value.id;
  return one.fresh || one.data.created_by === me.value.id;
}

/** Whether the person may set this field of a record that is there. */
export function maySet(collection: CollectionName, field: string): boolean {
  const spec = COLLECTIONS[collection];
  const { role } = me.value;
  const only = spec.only?.[role];
  if (only && !only.includes(field)) return false;
  const { not_by = [], hidden_from = [] } = spec.fields[field] ?? {};
  return may("u", collection) && !not_by.includes(role) && !hidden_from.includes(role);
}
