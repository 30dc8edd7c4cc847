/** The words people read. The shop's own come first (`shop.words`), then these. */
import { signal } from "@preact/signals";

const DEFAULTS: Record<string, string> = {
  work_order: "Work order",
  work_orders: "Work orders",
  equipment: "Equipment",
  customer: "Customer",
  complaint: "Complaint",
  diagnosis: "Diagnosis",
  correction: "Correction",
  bay: "Bay",
  interval: "Time",
  file: "File",
  "status.new": "New",
  "status.diagnosing": "Diagnosing",
  "status.waiting_approval": "Waiting for approval",
  "status.approved": "Approved",
  "status.in_progress": "In progress",
  "status.waiting_parts": "Waiting for parts",
  "status.on_hold": "On hold",
  "status.qc": "Quality check",
  "status.ready": "Ready",
  "status.closed": "Closed",
  "status.canceled": "Canceled",
  "priority.low": "Low",
  "priority.normal": "Normal",
  "priority.high": "High",
  "priority.urgent": "Urgent",
  "kind.labour": "Labour",
  "kind.part": "Part",
  "kind.fee": "Fee",
  "movement.issue": "Used",
  "movement.return": "Put back",
  "movement.receive": "Received",
  "movement.count": "Counted",
  "movement.adjust": "Corrected",
  "photo.before": "Before",
  "photo.during": "During",
  "photo.after": "After",
  "photo.damage": "Damage",
  "photo.repair": "Repair",
  "photo.screenshot": "Screenshot",
  "role.admin": "Admin",
  "role.manager": "Manager",
  "role.service_writer": "Service writer",
  "role.parts": "Parts",
  "role.tech": "Tech",
};

const own = signal<Record<string, string>>({});

/** Takes the shop's words, flat ("status.new") or nested ({"status": {"new": …}}). */
export function setWords(words: unknown): void {
  const flat: Record<string, string> = {};
  flatten(words, "", flat);
  own.value = flat;
}

function flatten(value: unknown, at: string, into: Record<string, string>): void {
  if (typeof value === "string") into[at] = value;
  else if (value && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) flatten(inner, at ? `${at}.${key}` : key, into);
  }
}

/** The word for `key`; the last part of an unknown key, made readable. A shop may give its words without the prefix. */
export function word(key: string): string {
  const short = key.split(".").pop() ?? key;
  const found = own.value[key] ?? own.value[short] ?? DEFAULTS[key];
  return found ?? capital(short.replaceAll("_", " "));
}

/** The same within a sentence. */
export function inner(key: string): string {
  const found = word(key);
  return found.charAt(0).toLowerCase() + found.slice(1);
}

export function plural(key: string): string {
  const given = own.value[`${key}s`] ?? DEFAULTS[`${key}s`];
  const base = word(key);
  return own.value[key] || !given ? `${base}s` : given;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
