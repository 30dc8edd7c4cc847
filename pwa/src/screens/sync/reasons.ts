/** Why a changeset was not taken, and what it wanted to do, in plain words. */
import { COLLECTIONS, type CollectionName } from "../../collections.gen";
import type { Data, Op, Parked } from "../../sync/types";
import { first, text } from "../../ui/data";
import { capital, inner, word } from "../../ui/words";
import { must } from "../live";
import { drawingWords } from "../photos/drawing/shapes";

const REASONS: Record<string, string> = {
  forbidden: "Your role may not change this.",
  invalid: "Something in it is not valid.",
  gone: "What it changes is no longer there, or no longer yours to see.",
  exists: "This was already made before.",
  unseen: "Somebody changed it before it was deleted. Look at it again.",
  has_children: "Other things still hang on what was to be deleted.",
  missing_parent: "What it belongs to is not at the shop.",
  blocked_by: "It builds on another edit that was not taken.",
  rejected_before: "It was not taken before the shop's data was restored, by another copy of this phone.",
  handed_over:
    "A copy of this phone that was signed out for good had brought it; it was not taken from there.",
  closed: "It was closed in the meantime.",
  bad_step: "The status has moved on, and this step no longer fits.",
  already_set: "Somebody had already set this, and it can be set only once.",
  too_large: "It is too large to send.",
  internal: "The shop's server had a problem with it. It is kept there too.",
  "rule:tasks_open": "There are tasks still open.",
  "rule:qc_required": "It has to pass the quality check first.",
  "rule:reason_wanted": "It has to say why.",
  "rule:qc_by_other": "Somebody else has to do the quality check.",
};

/** Our sentence for the code where there is one, else the server's own. */
export function reasonOf(code: string, message: unknown): string {
  return REASONS[code] ?? first(message, "The shop did not take this edit.");
}

export const reasonWords = (one: Parked): string => reasonOf(one.code, one.message);

function label(op: Op): string {
  const held = must().get(op.collection, op.id)?.data ?? ("set" in op ? op.set : {});
  const order = must().get("work_order", text(held.work_order))?.data;
  const customer = must().get("customer", text(held.customer))?.data;
  return first(
    held.number,
    held.title,
    held.name,
    order?.number,
    customer?.name,
    held.text,
    held.description,
  );
}

/** One op as a sentence: "Change diagnosis of WO-1042". */
export function opWords(op: Op): string {
  const about = label(op) || inner(op.collection);
  if (op.op === "create") return `New ${inner(op.collection)}: ${about}`;
  if (op.op === "delete") return `Delete ${inner(op.collection)}: ${about}`;
  const fields = Object.keys(op.set).filter(
    (field) => !["status_at", "status_reason", "done_at"].includes(field),
  );
  return `Change ${fields.map(inner).join(", ")} of ${about}`;
}

/** Empty only because its group is written whole, as the reason of a status that needs none. */
function isBlankBeside(collection: string, set: Data, field: string): boolean {
  const fields = COLLECTIONS[collection as CollectionName]?.fields ?? {};
  const group = fields[field]?.group;
  const says = (value: unknown) => value !== null && value !== undefined && value !== "";
  if (!group || says(set[field])) return false;
  return Object.entries(set).some(([name, value]) => fields[name]?.group === group && says(value));
}

/** The values an op would set, as they can be read and, when they are words, edited. */
export function opValues(op: Op): { field: string; label: string; value: unknown; editable: boolean }[] {
  if (op.op === "delete") return [];
  return Object.entries(op.set)
    .filter(
      ([field]) =>
        !field.endsWith("_at") &&
        !/^(work_order|customer|equipment|position|staff|part|id|sha256|bytes|type|preview)$/.test(field),
    )
    .filter(([field]) => !isBlankBeside(op.collection, op.set, field))
    .map(([field, value]) => ({
      field,
      label: capital(word(field)),
      value,
      editable: typeof value === "string" && field !== "status",
    }));
}

/** One value of an op, as it would be read. */
export function valueWords(field: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "empty";
  if (field === "status" || field === "priority" || field === "kind") return word(`${field}.${value}`);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (field === "drawing") return drawingWords(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
