/**
 * What a shop's records are made of, who may do what with them, and how their fields merge.
 *
 * Written by scripts/generate from the declarations in server/; do not edit.
 */

export type FieldType = "text" | "integer" | "flag" | "instant" | "date" | "ref" | "choice" | "set" | "json";
export type Policy =
  | "latest" | "steps" | "keep_both" | "text" | "elements" | "greatest" | "first" | "server";

/** A field. Roles in `hidden_from` never receive it; those in `not_by` read it and may only set it at creation. */
export interface FieldSpec {
  type: FieldType;
  policy: Policy;
  /** Fields of one group are set together and merge together. */
  group?: string;
  ref?: string;
  choices?: string[];
  /** status → those that may follow it, whoever takes the step. */
  steps?: Record<string, string[]>;
  default?: unknown;
  /** When the customer concerned sees it; absent: never. */
  customer?: "always" | "prices" | "names";
  hidden_from?: string[];
  not_by?: string[];
  /** An instant measured by a phone's clock; the server sets it right. */
  measured?: boolean;
  personal?: boolean;
  size_max?: number;
}

/** A kind of record. `rights`: role → letters of r c u d; those after a slash hold for one's own records. */
export interface CollectionSpec {
  fields: Record<string, FieldSpec>;
  rights: Record<string, string>;
  /** The references a record hangs on; the first that is set decides. */
  parents: string[];
  required: string[];
  /** role → the only fields it may change. */
  only?: Record<string, string[]>;
  /** The field that names whose record this is; absent: whoever made it. */
  own?: string;
}

/** Steps from each of `from` to each of `to` (never to itself), for those named, when the needs are met. */
export interface Steps {
  from: string[];
  to: string[];
  who: string[];
  needs: string[];
}

export const SCHEMA = 1;

export type CollectionName =
  | "work_order"
  | "line_item"
  | "task"
  | "note"
  | "customer"
  | "equipment"
  | "part"
  | "part_movement"
  | "time_entry"
  | "photo"
  | "recovery"
  | "staff"
  | "shop"
  | "conflict"
  | "notice"
;

export const COLLECTIONS: Record<CollectionName, CollectionSpec> = {
  work_order: {
    fields: {
      created_at: { type: "instant", policy: "server", customer: "always" },
      created_by: { type: "ref", policy: "server", ref: "staff" },
      updated_at: { type: "instant", policy: "server" },
      number: { type: "text", policy: "server", customer: "always", size_max: 40 },
      customer: { type: "ref", policy: "latest", ref: "customer", customer: "always", not_by: ["tech"] },
      equipment: { type: "ref", policy: "latest", ref: "equipment", customer: "always" },
      complaint: { type: "text", policy: "keep_both", customer: "always" },
      diagnosis: { type: "text", policy: "keep_both" },
      correction: { type: "text", policy: "keep_both", customer: "always" },
      status: { type: "choice", policy: "steps", group: "status", choices: ["new", "diagnosing", "waiting_approval", "approved", "in_progress", "waiting_parts", "on_hold", "qc", "ready", "closed", "canceled"], steps: { new: ["diagnosing", "waiting_approval", "approved", "in_progress", "waiting_parts", "on_hold", "canceled"], diagnosing: ["waiting_approval", "approved", "in_progress", "waiting_parts", "on_hold", "qc", "ready", "canceled"], waiting_approval: ["diagnosing", "approved", "in_progress", "waiting_parts", "on_hold", "qc", "ready", "canceled"], approved: ["diagnosing", "waiting_approval", "in_progress", "waiting_parts", "on_hold", "qc", "ready", "canceled"], in_progress: ["diagnosing", "waiting_approval", "approved", "waiting_parts", "on_hold", "qc", "ready", "canceled"], waiting_parts: ["diagnosing", "waiting_approval", "approved", "in_progress", "on_hold", "qc", "ready", "canceled"], on_hold: ["diagnosing", "waiting_approval", "approved", "in_progress", "waiting_parts", "qc", "ready", "canceled"], qc: ["in_progress", "ready", "canceled"], ready: ["in_progress", "closed", "canceled"], closed: ["in_progress"], canceled: ["new"] }, default: "new", customer: "always" },
      status_reason: { type: "text", policy: "steps", group: "status", size_max: 1000 },
      status_at: { type: "instant", policy: "steps", group: "status", customer: "always", measured: true },
      priority: { type: "choice", policy: "latest", choices: ["low", "normal", "high", "urgent"], default: "normal" },
      promised_at: { type: "instant", policy: "latest", customer: "always", not_by: ["tech"] },
      assignee: { type: "ref", policy: "latest", ref: "staff", customer: "names" },
      helpers: { type: "set", policy: "elements" },
      tags: { type: "set", policy: "elements" },
      service_type: { type: "text", policy: "latest", size_max: 100 },
      area: { type: "text", policy: "latest", size_max: 100 },
      bay: { type: "text", policy: "latest", size_max: 100 },
      qc_by: { type: "ref", policy: "server", group: "qc", ref: "staff" },
      qc_at: { type: "instant", policy: "server", group: "qc" },
      goodwill_cents: { type: "integer", policy: "latest", group: "goodwill", hidden_from: ["tech"] },
      goodwill_reason: { type: "text", policy: "latest", group: "goodwill", hidden_from: ["tech"], size_max: 1000 },
      tasks_done: { type: "integer", policy: "server", customer: "always" },
      tasks_total: { type: "integer", policy: "server", customer: "always" },
      estimated_minutes: { type: "integer", policy: "server", customer: "always" },
      actual_minutes: { type: "integer", policy: "server", customer: "always" },
      total_cents: { type: "integer", policy: "server", customer: "prices" },
      closed_at: { type: "instant", policy: "server", customer: "always" },
      archived: { type: "flag", policy: "server" },
    },
    rights: { admin: "rcu", manager: "rcu", service_writer: "rcu", parts: "ru", tech: "rcu", customer: "r" },
    parents: [],
    required: ["customer"],
    only: { parts: ["status", "status_at", "status_reason"] },
  },
  line_item: {
    fields: {
      created_at: { type: "instant", policy: "server", customer: "always" },
      created_by: { type: "ref", policy: "server", ref: "staff" },
      updated_at: { type: "instant", policy: "server" },
      work_order: { type: "ref", policy: "first", ref: "work_order", customer: "always" },
      position: { type: "integer", policy: "latest" },
      kind: { type: "choice", policy: "first", choices: ["labour", "part", "fee"] },
      part: { type: "ref", policy: "first", ref: "part" },
      description: { type: "text", policy: "keep_both", customer: "always" },
      correction: { type: "text", policy: "keep_both", customer: "always" },
      quantity_milli: { type: "integer", policy: "latest", default: 1000, customer: "always" },
      minutes: { type: "integer", policy: "latest" },
      price_cents: { type: "integer", policy: "latest", customer: "prices", not_by: ["tech"] },
      cost_cents: { type: "integer", policy: "latest", hidden_from: ["tech"] },
      tax_class: { type: "text", policy: "latest", size_max: 40 },
      declined: { type: "flag", policy: "latest", default: false, customer: "always" },
    },
    rights: { admin: "rcud", manager: "rcud", service_writer: "rcud", parts: "rcu", tech: "rcu", customer: "r" },
    parents: ["work_order"],
    required: ["work_order", "kind"],
  },
  task: {
    fields: {
      created_at: { type: "instant", policy: "server", customer: "always" },
      created_by: { type: "ref", policy: "server", ref: "staff" },
      updated_at: { type: "instant", policy: "server" },
      work_order: { type: "ref", policy: "first", ref: "work_order" },
      position: { type: "integer", policy: "latest" },
      title: { type: "text", policy: "keep_both", size_max: 1000 },
      done: { type: "flag", policy: "latest", group: "done", default: false },
      done_at: { type: "instant", policy: "latest", group: "done", measured: true },
      done_by: { type: "ref", policy: "server", ref: "staff" },
      assignee: { type: "ref", policy: "latest", ref: "staff" },
      estimated_minutes: { type: "integer", policy: "latest" },
      spent_minutes: { type: "integer", policy: "server" },
    },
    rights: { admin: "rcud", manager: "rcud", service_writer: "rcud", parts: "r", tech: "rcu/d" },
    parents: ["work_order"],
    required: ["work_order", "title"],
  },
  note: {
    fields: {
      created_at: { type: "instant", policy: "server", customer: "always" },
      created_by: { type: "ref", policy: "server", ref: "staff" },
      updated_at: { type: "instant", policy: "server" },
      work_order: { type: "ref", policy: "first", ref: "work_order" },
      customer: { type: "ref", policy: "first", ref: "customer" },
      equipment: { type: "ref", policy: "first", ref: "equipment" },
      text: { type: "text", policy: "text" },
    },
    rights: { admin: "rcud", manager: "rcud", service_writer: "rc/ud", parts: "rc/ud", tech: "rc/ud" },
    parents: ["work_order", "customer", "equipment"],
    required: ["text"],
  },
  customer: {
    fields: {
      created_at: { type: "instant", policy: "server", customer: "always" },
      created_by: { type: "ref", policy: "server", ref: "staff" },
      updated_at: { type: "instant", policy: "server" },
      name: { type: "text", policy: "keep_both", customer: "always", personal: true, size_max: 200 },
      company: { type: "text", policy: "latest", customer: "always", size_max: 200 },
      emails: { type: "set", policy: "elements", customer: "always", personal: true },
      phones: { type: "set", policy: "elements", customer: "always", personal: true },
      address: { type: "text", policy: "keep_both", customer: "always", personal: true, size_max: 1000 },
      area: { type: "text", policy: "latest", size_max: 100 },
      tags: { type: "set", policy: "elements" },
      language: { type: "text", policy: "latest", customer: "always", size_max: 20 },
      portal_enabled: { type: "flag", policy: "latest", default: true, customer: "always", not_by: ["tech"] },
      sms_consent: { type: "flag", policy: "latest", default: false, customer: "always" },
      active: { type: "flag", policy: "latest", default: true },
    },
    rights: { admin: "rcu", manager: "rcu", service_writer: "rcu", parts: "r", tech: "rcu", customer: "r" },
    parents: [],
    required: ["name"],
  },
  equipment: {
    fields: {
      created_at: { type: "instant", policy: "server", customer: "always" },
      created_by: { type: "ref", policy: "server", ref: "staff" },
      updated_at: { type: "instant", policy: "server" },
      customer: { type: "ref", policy: "latest", ref: "customer", customer: "always" },
      kind: { type: "text", policy: "latest", customer: "always", size_max: 200 },
      make: { type: "text", policy: "latest", customer: "always", size_max: 200 },
      model: { type: "text", policy: "latest", customer: "always", size_max: 200 },
      serial: { type: "text", policy: "keep_both", customer: "always", size_max: 200 },
      tag: { type: "text", policy: "latest", customer: "always", size_max: 100 },
      meter: { type: "integer", policy: "greatest", customer: "always" },
      meter_unit: { type: "text", policy: "latest", customer: "always", size_max: 20 },
      out_of_service: { type: "flag", policy: "latest", group: "out_of_service", default: false, customer: "always" },
      reason: { type: "text", policy: "latest", group: "out_of_service", customer: "always", size_max: 1000 },
      service_every_months: { type: "integer", policy: "latest" },
      service_every_meter: { type: "integer", policy: "latest" },
    },
    rights: { admin: "rcu", manager: "rcu", service_writer: "rcu", parts: "r", tech: "rcu", customer: "r" },
    parents: [],
    required: ["customer"],
  },
  part: {
    fields: {
      created_at: { type: "instant", policy: "server", customer: "always" },
      created_by: { type: "ref", policy: "server", ref: "staff" },
      updated_at: { type: "instant", policy: "server" },
      number: { type: "text", policy: "keep_both", size_max: 100 },
      name: { type: "text", policy: "latest", size_max: 200 },
      barcodes: { type: "set", policy: "elements" },
      bin: { type: "text", policy: "latest", size_max: 100 },
      reorder_level_milli: { type: "integer", policy: "latest" },
      price_cents: { type: "integer", policy: "latest" },
      cost_cents: { type: "integer", policy: "latest", hidden_from: ["tech"] },
      on_hand_milli: { type: "integer", policy: "server" },
      active: { type: "flag", policy: "latest", default: true },
    },
    rights: { admin: "rcu", manager: "rcu", service_writer: "r", parts: "rcu", tech: "r" },
    parents: [],
    required: ["name"],
  },
  part_movement: {
    fields: {
      created_at: { type: "instant", policy: "server", customer: "always" },
      created_by: { type: "ref", policy: "server", ref: "staff" },
      updated_at: { type: "instant", policy: "server" },
      part: { type: "ref", policy: "first", ref: "part" },
      kind: { type: "choice", policy: "first", choices: ["issue", "return", "receive", "count", "adjust"] },
      quantity_milli: { type: "integer", policy: "first" },
      work_order: { type: "ref", policy: "first", ref: "work_order" },
      line_item: { type: "ref", policy: "first", ref: "line_item" },
      unit_cost_cents: { type: "integer", policy: "first", hidden_from: ["tech"] },
      reason: { type: "text", policy: "first", size_max: 1000 },
      at: { type: "instant", policy: "first", measured: true },
      undoes: { type: "ref", policy: "first", ref: "part_movement" },
    },
    rights: { admin: "rc", manager: "rc", service_writer: "rc", parts: "rc", tech: "rc" },
    parents: ["work_order"],
    required: ["part", "kind", "quantity_milli", "at"],
  },
  time_entry: {
    fields: {
      created_at: { type: "instant", policy: "server", customer: "always" },
      created_by: { type: "ref", policy: "server", ref: "staff" },
      updated_at: { type: "instant", policy: "server" },
      staff: { type: "ref", policy: "first", ref: "staff" },
      kind: { type: "choice", policy: "first", choices: ["shift", "work"] },
      work_order: { type: "ref", policy: "first", ref: "work_order" },
      task: { type: "ref", policy: "first", ref: "task" },
      started_at: { type: "instant", policy: "keep_both", group: "interval", measured: true },
      ended_at: { type: "instant", policy: "keep_both", group: "interval", measured: true },
      correction_reason: { type: "text", policy: "keep_both", group: "interval", size_max: 1000 },
      approved_by: { type: "ref", policy: "server", group: "approval", ref: "staff" },
      approved_at: { type: "instant", policy: "server", group: "approval" },
      position: { type: "json", policy: "first", personal: true, size_max: 200 },
      needs_review: { type: "flag", policy: "server" },
    },
    rights: { admin: "rcu", manager: "rcu", service_writer: "r/cu", parts: "/rcu", tech: "/rcu" },
    parents: ["work_order"],
    required: ["staff", "kind", "started_at"],
    own: "staff",
  },
  photo: {
    fields: {
      created_at: { type: "instant", policy: "server", customer: "always" },
      created_by: { type: "ref", policy: "server", ref: "staff" },
      updated_at: { type: "instant", policy: "server" },
      work_order: { type: "ref", policy: "first", ref: "work_order", customer: "always" },
      equipment: { type: "ref", policy: "first", ref: "equipment", customer: "always" },
      kind: { type: "choice", policy: "latest", choices: ["before", "during", "after", "damage", "repair", "screenshot"], customer: "always" },
      taken_at: { type: "instant", policy: "first", customer: "always", measured: true },
      position: { type: "json", policy: "first", personal: true, size_max: 200 },
      note: { type: "text", policy: "keep_both", customer: "always" },
      drawing: { type: "json", policy: "keep_both", customer: "always" },
      visible_to_customer: { type: "flag", policy: "latest", default: true },
      sha256: { type: "text", policy: "first", group: "file", size_max: 64 },
      bytes: { type: "integer", policy: "first", group: "file" },
      type: { type: "text", policy: "first", group: "file", size_max: 100 },
      preview: { type: "text", policy: "first", customer: "always", size_max: 10950 },
      media: { type: "choice", policy: "server", choices: ["waiting", "processing", "ready", "refused"], customer: "always" },
      media_reason: { type: "text", policy: "server", size_max: 500 },
    },
    rights: { admin: "rcud", manager: "rcud", service_writer: "rcu/d", parts: "r", tech: "rcu/d", customer: "r" },
    parents: ["work_order", "equipment"],
    required: ["kind"],
  },
  recovery: {
    fields: {
      created_at: { type: "instant", policy: "server", customer: "always" },
      created_by: { type: "ref", policy: "server", ref: "staff" },
      updated_at: { type: "instant", policy: "server" },
      staff: { type: "ref", policy: "first", ref: "staff" },
      how: { type: "choice", policy: "first", choices: ["taken_over", "dismissed", "sent_again", "discarded"] },
      reason: { type: "text", policy: "first", size_max: 1000 },
    },
    rights: { admin: "rc", manager: "rc", service_writer: "r/c", parts: "/rc", tech: "/rc" },
    parents: [],
    required: ["staff", "how"],
    own: "staff",
  },
  staff: {
    fields: {
      created_at: { type: "instant", policy: "server", customer: "always" },
      created_by: { type: "ref", policy: "server", ref: "staff" },
      updated_at: { type: "instant", policy: "server" },
      name: { type: "text", policy: "latest", size_max: 200 },
      role: { type: "choice", policy: "latest", choices: ["admin", "manager", "service_writer", "parts", "tech"] },
      initials: { type: "text", policy: "latest", size_max: 4 },
      skills: { type: "set", policy: "elements" },
      active: { type: "flag", policy: "latest", default: true },
      email: { type: "text", policy: "latest", hidden_from: ["parts", "service_writer", "tech"], personal: true, size_max: 254 },
    },
    rights: { admin: "rcu", manager: "ru", service_writer: "r", parts: "r", tech: "r" },
    parents: [],
    required: ["name", "role"],
    only: { manager: ["skills"] },
    own: "id",
  },
  shop: {
    fields: {
      created_at: { type: "instant", policy: "server", customer: "always" },
      created_by: { type: "ref", policy: "server", ref: "staff" },
      updated_at: { type: "instant", policy: "server" },
      name: { type: "text", policy: "latest", customer: "always", size_max: 200 },
      words: { type: "json", policy: "latest", customer: "always", size_max: 8000 },
      colours: { type: "json", policy: "latest", customer: "always", size_max: 1000 },
      logo: { type: "text", policy: "latest", customer: "always", size_max: 16000 },
      currency: { type: "text", policy: "latest", default: "EUR", customer: "always", size_max: 3 },
      zone: { type: "text", policy: "latest", default: "Europe/Berlin", customer: "always", size_max: 64 },
      locale: { type: "text", policy: "latest", default: "en", customer: "always", size_max: 20 },
      tax: { type: "json", policy: "latest", size_max: 2000 },
      show_prices: { type: "flag", policy: "latest", default: true },
      show_names: { type: "flag", policy: "latest", default: false },
      show_position: { type: "flag", policy: "latest", default: false },
      photos_visible: { type: "flag", policy: "latest", default: true },
      photos_original: { type: "flag", policy: "latest", default: false },
      photos_position: { type: "flag", policy: "latest", default: false },
      qc_required: { type: "flag", policy: "latest", default: false },
      qc_by_other: { type: "flag", policy: "latest", default: false },
      ready_needs_tasks: { type: "flag", policy: "latest", default: false },
      tech_may_close: { type: "flag", policy: "latest", default: false },
    },
    rights: { admin: "ru", manager: "ru", service_writer: "r", parts: "r", tech: "r", customer: "r" },
    parents: [],
    required: ["name"],
  },
  conflict: {
    fields: {
      created_by: { type: "ref", policy: "server", ref: "staff" },
      collection: { type: "text", policy: "server" },
      record: { type: "text", policy: "server" },
      root: { type: "text", policy: "server" },
      field: { type: "text", policy: "server" },
      sides: { type: "json", policy: "server", personal: true },
      staff: { type: "ref", policy: "server", ref: "staff" },
      open: { type: "flag", policy: "server" },
      created_at: { type: "instant", policy: "server" },
      updated_at: { type: "instant", policy: "server" },
    },
    rights: { admin: "r", manager: "r", service_writer: "r", parts: "r", tech: "r" },
    parents: ["root"],
    required: [],
  },
  notice: {
    fields: {
      created_by: { type: "ref", policy: "server", ref: "staff" },
      staff: { type: "ref", policy: "server", ref: "staff" },
      collection: { type: "text", policy: "server" },
      record: { type: "text", policy: "server" },
      field: { type: "text", policy: "server" },
      value: { type: "json", policy: "server", personal: true },
      by: { type: "text", policy: "server" },
      lost_at: { type: "instant", policy: "server" },
      merged: { type: "flag", policy: "server" },
      created_at: { type: "instant", policy: "server" },
      updated_at: { type: "instant", policy: "server" },
    },
    rights: { admin: "/r", manager: "/r", service_writer: "/r", parts: "/r", tech: "/r" },
    parents: [],
    required: [],
    own: "staff",
  },
};

/** collection.field → its steps, with who may take them and what they need. */
export const STEPS: Record<string, Steps[]> = {
  "work_order.status": [
    { from: ["new"], to: ["diagnosing", "waiting_approval", "approved", "in_progress", "waiting_parts", "on_hold"], who: ["admin", "manager", "service_writer", "tech"], needs: [] },
    { from: ["diagnosing", "waiting_approval", "approved", "in_progress", "waiting_parts", "on_hold"], to: ["diagnosing", "waiting_approval", "approved", "in_progress", "waiting_parts"], who: ["admin", "manager", "service_writer", "tech"], needs: [] },
    { from: ["diagnosing", "waiting_approval", "approved", "in_progress", "waiting_parts", "on_hold"], to: ["on_hold"], who: ["admin", "manager", "service_writer", "tech"], needs: ["reason"] },
    { from: ["waiting_parts"], to: ["in_progress"], who: ["parts"], needs: [] },
    { from: ["in_progress"], to: ["waiting_parts"], who: ["parts"], needs: [] },
    { from: ["diagnosing", "waiting_approval", "approved", "in_progress", "waiting_parts", "on_hold"], to: ["qc"], who: ["admin", "manager", "service_writer", "tech"], needs: ["tasks_done"] },
    { from: ["diagnosing", "waiting_approval", "approved", "in_progress", "waiting_parts", "on_hold"], to: ["ready"], who: ["admin", "manager", "service_writer", "tech"], needs: ["no_qc", "tasks_done"] },
    { from: ["qc"], to: ["ready"], who: ["admin", "manager", "service_writer"], needs: ["qc_by_other"] },
    { from: ["qc", "ready"], to: ["in_progress"], who: ["admin", "manager", "service_writer", "tech"], needs: ["reason"] },
    { from: ["ready"], to: ["closed"], who: ["admin", "manager", "service_writer"], needs: [] },
    { from: ["ready"], to: ["closed"], who: ["tech"], needs: ["tech_may_close"] },
    { from: ["closed"], to: ["in_progress"], who: ["admin", "manager", "service_writer"], needs: ["reason"] },
    { from: ["new", "diagnosing", "waiting_approval", "approved", "in_progress", "waiting_parts", "on_hold", "qc", "ready"], to: ["canceled"], who: ["admin", "manager", "service_writer"], needs: ["reason"] },
    { from: ["canceled"], to: ["new"], who: ["admin", "manager", "service_writer"], needs: ["reason"] },
  ],
};

export interface WorkOrder {
  created_at?: number | null;
  created_by?: string | null;
  updated_at?: number | null;
  number?: string | null;
  customer?: string | null;
  equipment?: string | null;
  complaint?: string | null;
  diagnosis?: string | null;
  correction?: string | null;
  status?: "new" | "diagnosing" | "waiting_approval" | "approved" | "in_progress" | "waiting_parts" | "on_hold" | "qc" | "ready" | "closed" | "canceled" | null;
  status_reason?: string | null;
  status_at?: number | null;
  priority?: "low" | "normal" | "high" | "urgent" | null;
  promised_at?: number | null;
  assignee?: string | null;
  helpers?: string[];
  tags?: string[];
  service_type?: string | null;
  area?: string | null;
  bay?: string | null;
  qc_by?: string | null;
  qc_at?: number | null;
  goodwill_cents?: number | null;
  goodwill_reason?: string | null;
  tasks_done?: number | null;
  tasks_total?: number | null;
  estimated_minutes?: number | null;
  actual_minutes?: number | null;
  total_cents?: number | null;
  closed_at?: number | null;
  archived?: boolean | null;
}

export interface LineItem {
  created_at?: number | null;
  created_by?: string | null;
  updated_at?: number | null;
  work_order?: string | null;
  position?: number | null;
  kind?: "labour" | "part" | "fee" | null;
  part?: string | null;
  description?: string | null;
  correction?: string | null;
  quantity_milli?: number | null;
  minutes?: number | null;
  price_cents?: number | null;
  cost_cents?: number | null;
  tax_class?: string | null;
  declined?: boolean | null;
}

export interface Task {
  created_at?: number | null;
  created_by?: string | null;
  updated_at?: number | null;
  work_order?: string | null;
  position?: number | null;
  title?: string | null;
  done?: boolean | null;
  done_at?: number | null;
  done_by?: string | null;
  assignee?: string | null;
  estimated_minutes?: number | null;
  spent_minutes?: number | null;
}

export interface Note {
  created_at?: number | null;
  created_by?: string | null;
  updated_at?: number | null;
  work_order?: string | null;
  customer?: string | null;
  equipment?: string | null;
  text?: string | null;
}

export interface Customer {
  created_at?: number | null;
  created_by?: string | null;
  updated_at?: number | null;
  name?: string | null;
  company?: string | null;
  emails?: string[];
  phones?: string[];
  address?: string | null;
  area?: string | null;
  tags?: string[];
  language?: string | null;
  portal_enabled?: boolean | null;
  sms_consent?: boolean | null;
  active?: boolean | null;
}

export interface Equipment {
  created_at?: number | null;
  created_by?: string | null;
  updated_at?: number | null;
  customer?: string | null;
  kind?: string | null;
  make?: string | null;
  model?: string | null;
  serial?: string | null;
  tag?: string | null;
  meter?: number | null;
  meter_unit?: string | null;
  out_of_service?: boolean | null;
  reason?: string | null;
  service_every_months?: number | null;
  service_every_meter?: number | null;
}

export interface Part {
  created_at?: number | null;
  created_by?: string | null;
  updated_at?: number | null;
  number?: string | null;
  name?: string | null;
  barcodes?: string[];
  bin?: string | null;
  reorder_level_milli?: number | null;
  price_cents?: number | null;
  cost_cents?: number | null;
  on_hand_milli?: number | null;
  active?: boolean | null;
}

export interface PartMovement {
  created_at?: number | null;
  created_by?: string | null;
  updated_at?: number | null;
  part?: string | null;
  kind?: "issue" | "return" | "receive" | "count" | "adjust" | null;
  quantity_milli?: number | null;
  work_order?: string | null;
  line_item?: string | null;
  unit_cost_cents?: number | null;
  reason?: string | null;
  at?: number | null;
  undoes?: string | null;
}

export interface TimeEntry {
  created_at?: number | null;
  created_by?: string | null;
  updated_at?: number | null;
  staff?: string | null;
  kind?: "shift" | "work" | null;
  work_order?: string | null;
  task?: string | null;
  started_at?: number | null;
  ended_at?: number | null;
  correction_reason?: string | null;
  approved_by?: string | null;
  approved_at?: number | null;
  position?: unknown;
  needs_review?: boolean | null;
}

export interface Photo {
  created_at?: number | null;
  created_by?: string | null;
  updated_at?: number | null;
  work_order?: string | null;
  equipment?: string | null;
  kind?: "before" | "during" | "after" | "damage" | "repair" | "screenshot" | null;
  taken_at?: number | null;
  position?: unknown;
  note?: string | null;
  drawing?: unknown;
  visible_to_customer?: boolean | null;
  sha256?: string | null;
  bytes?: number | null;
  type?: string | null;
  preview?: string | null;
  media?: "waiting" | "processing" | "ready" | "refused" | null;
  media_reason?: string | null;
}

export interface Recovery {
  created_at?: number | null;
  created_by?: string | null;
  updated_at?: number | null;
  staff?: string | null;
  how?: "taken_over" | "dismissed" | "sent_again" | "discarded" | null;
  reason?: string | null;
}

export interface Staff {
  created_at?: number | null;
  created_by?: string | null;
  updated_at?: number | null;
  name?: string | null;
  role?: "admin" | "manager" | "service_writer" | "parts" | "tech" | null;
  initials?: string | null;
  skills?: string[];
  active?: boolean | null;
  email?: string | null;
}

export interface Shop {
  created_at?: number | null;
  created_by?: string | null;
  updated_at?: number | null;
  name?: string | null;
  words?: unknown;
  colours?: unknown;
  logo?: string | null;
  currency?: string | null;
  zone?: string | null;
  locale?: string | null;
  tax?: unknown;
  show_prices?: boolean | null;
  show_names?: boolean | null;
  show_position?: boolean | null;
  photos_visible?: boolean | null;
  photos_original?: boolean | null;
  photos_position?: boolean | null;
  qc_required?: boolean | null;
  qc_by_other?: boolean | null;
  ready_needs_tasks?: boolean | null;
  tech_may_close?: boolean | null;
}

export interface Conflict {
  created_by?: string | null;
  collection?: string | null;
  record?: string | null;
  root?: string | null;
  field?: string | null;
  sides?: unknown;
  staff?: string | null;
  open?: boolean | null;
  created_at?: number | null;
  updated_at?: number | null;
}

export interface Notice {
  created_by?: string | null;
  staff?: string | null;
  collection?: string | null;
  record?: string | null;
  field?: string | null;
  value?: unknown;
  by?: string | null;
  lost_at?: number | null;
  merged?: boolean | null;
  created_at?: number | null;
  updated_at?: number | null;
}

/** collection → the shape of its `data`. */
export interface Records {
  work_order: WorkOrder;
  line_item: LineItem;
  task: Task;
  note: Note;
  customer: Customer;
  equipment: Equipment;
  part: Part;
  part_movement: PartMovement;
  time_entry: TimeEntry;
  photo: Photo;
  recovery: Recovery;
  staff: Staff;
  shop: Shop;
  conflict: Conflict;
  notice: Notice;
}
