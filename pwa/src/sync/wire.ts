/**
 * Requests and answers of `POST /api/sync`, and how an answer is told from the page of a captive portal.
 *
 * Nothing is believed that does not have the protocol's form: what cannot be read so counts as no answer at all,
 * changes nothing and marks nothing as sent (T11).
 */

import type { Result } from "./changeset";
import type { WireRecord } from "./confirmed";
import type { Totals } from "./verify";
import type { NetAnswer } from "./world";

export const PROTOCOL = 1;
export const RECORDS_A_PAGE = 1000;
export const CHANGESETS_MAX = 500;
/** The most former names a request may ask for. */
export const FORMER_MAX = 100;
export const WANT_MAX = 50;
/** A cut connection costs at most this much sent again, and one changeset. */
export const PUSH_BYTES_MAX = 256 * 1024;

export interface Request {
  protocol: number;
  schema: number;
  epoch: string;
  replica: string;
  confirmed: number;
  sent: number;
  cursor: string | null;
  limit: number;
  verify: boolean;
  /** Ids that the last page gives beside the feed (D3). */
  fetch?: string[];
  /** Former names under which something is kept; every outcome of theirs is here (R9). */
  former?: string[];
  /** Older work that is to enter the view (P18). */
  want?: string[];
  /** What the last answer without a cursor to go on from said (R11). */
  seen?: string;
  changesets: object[];
}

export interface Answer {
  results: Result[];
  records: WireRecord[];
  cursor: string;
  more: boolean;
  reset: boolean;
  applied: number;
  durable: number;
  epoch: string;
  now: number;
  /** A new name, offered when this replica must not go on under its old one (F5). */
  replica?: string;
  /** What the server had, in an answer that gives no cursor to go on from; it goes with requests until there is one. */
  seen?: string;
  /** How many records are still to come, where the server tells. */
  left?: number;
  /** How long (ms) the session is good for from `now`; for staff, who are locked out past it (R2). */
  lease?: number;
  /** On the last page, out of its snapshot: the records asked for by id, and what the view holds (D1, D3). */
  fetched?: WireRecord[];
  /** Former name → what of it is in a verified backup. */
  former?: Record<string, number>;
  digests?: Totals;
}

/** A refusal of the whole request (W14). */
export interface Refused {
  status: number;
  code: string;
  message: string;
  results: Result[];
  expected?: number;
  n?: number;
  epoch?: string;
  replica?: string;
  seen?: string;
  wipe?: boolean;
  retryAfterMs: number | null;
}

export type Heard =
  | { is: "answer"; answer: Answer }
  | { is: "refused"; refused: Refused }
  | { is: "portal" }
  | { is: "unavailable"; retryAfterMs: number | null };

const RETRY_AFTER_MAX_MS = 15 * 60_000;

/** What an HTTP answer says; only the protocol's own form is taken for an answer. */
export function hear(net: NetAnswer, now: number): Heard {
  const retryAfterMs = waitOf(net.retryAfter, now);
  const body = net.type === "application/json" ? parsed(net.body) : null;
  if (net.status === 200 && body !== null && isAnswer(body)) return { is: "answer", answer: body };
  if (net.status === 413) return { is: "refused", refused: refusedOf(413, body ?? {}, retryAfterMs) };
  if (net.status === 429 || net.status === 507) return { is: "unavailable", retryAfterMs };
  if (net.status >= 500 && net.status !== 511) return { is: "unavailable", retryAfterMs };
  if (body === null || typeof body.code !== "string" || net.status < 400) return { is: "portal" };
  return { is: "refused", refused: refusedOf(net.status, body, retryAfterMs) };
}

function refusedOf(status: number, body: Record<string, unknown>, retryAfterMs: number | null): Refused {
  const results = Array.isArray(body.results) ? body.results.filter(isResult) : [];
  const refused = { code: "", message: "", ...body, status, results, retryAfterMs };
  return refused as Refused;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function isAnswer(body: object): body is Answer {
  const { results, records, cursor, more, epoch, fetched = [] } = body as Partial<Answer>;
  return (
    Array.isArray(results) &&
    results.every(isResult) &&
    Array.isArray(records) &&
    records.every(isRecord) &&
    Array.isArray(fetched) &&
    fetched.every(isRecord) &&
    (typeof cursor === "string" || (cursor === null && records.length === 0 && more === false)) &&
    typeof more === "boolean" &&
    typeof epoch === "string"
  );
}

function isResult(value: unknown): value is Result {
  const { n, outcome } = (value ?? {}) as Partial<Result>;
  return typeof n === "number" && (outcome === "accepted" || outcome === "rejected");
}

function isRecord(value: unknown): value is WireRecord {
  const record = (value ?? {}) as Record<string, unknown>;
  const whole = record.data !== null && typeof record.data === "object" && typeof record.vv === "object";
  return (
    typeof record.id === "string" && typeof record.collection === "string" && (record.gone === true || whole)
  );
}

/** `Retry-After` in milliseconds, given as seconds or as a date. */
function waitOf(header: string | null, now: number): number | null {
  if (header === null || header.trim() === "") return null;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS) : null;
}
