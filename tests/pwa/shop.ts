/**
 * A shop's server that follows docs/protocol.md closely enough for a phone to be tried on it.
 *
 * It merges by the simplest rule, the write that arrives stands; what a phone must get right is what is sent, what
 * is answered again, and what is shown, and that does not hang on the policies. Faults are ordered by the test.
 */

import { canonical } from "../../pwa/src/sync/canonical";
import type { Data, Op, Vector } from "../../pwa/src/sync/types";
import type { Fetch, NetAnswer } from "../../pwa/src/sync/world";
import { idsIn, partsOf, totalsOf } from "./sums";

interface Row {
  collection: string;
  id: string;
  vv: Vector;
  data: Data;
  pos: number;
  gone: boolean;
}

interface Sent {
  n: number;
  id: string;
  at: number;
  ops: Op[];
  was?: string;
}

type Json = Record<string, unknown>;

export type Saved = Pick<
  Shop,
  "rows" | "outcomes" | "byId" | "applied" | "durables" | "epochs" | "seq" | "log"
>;

export type Fault =
  | "none"
  | "drop request"
  | "drop answer"
  | "double"
  | "portal"
  | "portal json"
  | "signed out"
  | "busy"
  | "cut"
  | "unreadable";

const NO_PAGE = { records: [], more: false, reset: false };

export class Shop {
  epoch = "e1";
  seq = 100;
  rows = new Map<string, Row>();
  outcomes = new Map<string, { digest: string; result: Json }>();
  byId = new Map<string, { digest: string; result: Json }>();
  applied = new Map<string, number>();
  /** Name → what of it a verified backup holds. */
  durables = new Map<string, number>();
  /** The epoch in which a name takes new numbers; "e1" for those that no epoch gave out. */
  epochs = new Map<string, string>();
  /** Former names that the shop takes for somebody else's. */
  strangers = new Set<string>();
  revoked = new Set<string>();
  restores = 0;
  /** A work order that a note names must be there. */
  strict = false;
  durable = 0;
  now = 0;
  /** Every changeset that had an effect, in order. */
  log: Sent[] = [];
  requests: Json[] = [];
  /** What was asked of `/api/sync/verify`, reports among it. */
  questions: Json[] = [];
  faultsOfQuestions: Fault[] = [];
  /** How long a session is good for from each answer on. */
  lease: number | null = null;
  /** Archived work orders, which no phone holds until it asks for one. */
  older = new Map<string, Data>();
  /** What happens at the shop while a phone looks closer. */
  onQuestion = () => {};
  /** Sums that are wrong. */
  lies: Json = {};
  faults: Fault[] = [];
  changesetsMax = 500;
  pageMax = 1000;
  overtakes = false;
  merges = false;
  /** The last page of a bootstrap says that it is the last, also when the feed has more. */
  endsEarly = false;
  private bootstraps = new Map<string, string[]>();
  private names = 0;
  private mark = 0;
  private gate: Promise<void> | null = null;

  /** The next answer is made at once and comes only when the function returned is called. */
  holdNext(): () => void {
    let open = () => {};
    this.gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  }

  /** A write of somebody else, as the server's own commit. */
  commit(collection: string, id: string, set: Data): number {
    this.seq += 1;
    const row = this.rows.get(id);
    const data = { ...row?.data, ...set };
    this.rows.set(id, {
      collection,
      id,
      vv: { ...row?.vv, "@": this.seq },
      data,
      pos: this.seq,
      gone: false,
    });
    return this.seq;
  }

  remove(id: string): void {
    this.seq += 1;
    const row = this.rows.get(id) as Row;
    this.rows.set(id, { ...row, pos: this.seq, gone: true });
  }

  /** The network between phone and shop, with the faults the test ordered, one a request. */
  readonly fetch: Fetch = async (path, { body }) => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const request = JSON.parse(body ?? "{}") as Json;
    const fault = (path === "/api/sync" ? this.faults : this.faultsOfQuestions).shift();
    if (fault === "drop request") throw new TypeError("network");
    const early = faulty(fault);
    if (early) return early;
    if (path === "/api/sync/verify") return json(200, this.compare(request));
    if (path.startsWith("/api/search")) return json(...this.searched(path));
    this.requests.push(request);
    const { gate } = this;
    this.gate = null;
    const answer = this.answer(request);
    await gate;
    if (fault === "double") return json(...this.answer(request));
    if (fault === "drop answer") throw new TypeError("network");
    const whole = json(...answer);
    return fault === "cut" ? { ...whole, body: whole.body.slice(0, whole.body.length / 2) } : whole;
  };

  private answer(request: Json): [number, Json] {
    const replica = request.replica as string;
    const sent = request.changesets as Sent[];
    if (sent.length > this.changesetsMax) return [413, error("too_large")];
    if (sent.some((changeset) => JSON.stringify(changeset).includes("POISON")))
      return [400, error("invalid")];
    if (request.limit === 0 && this.strangers.has(replica)) return [403, error("forbidden")];
    const isFormer = (this.epochs.get(replica) ?? "e1") !== this.epoch;
    const anew = isFormer && sent.some(({ was }) => was === undefined);
    if (request.epoch !== this.epoch || (anew && !this.revoked.has(replica))) {
      const named = this.revoked.has(replica) ? {} : { replica: this.newName() };
      return [409, { ...error("epoch"), epoch: this.epoch, expected: 1, seen: this.seen, ...named }];
    }
    const refused = this.push(replica, sent);
    if (refused && "status" in refused) return [refused.status, refused.body];
    const results = refused?.results ?? [];
    for (const id of (request.want ?? []) as string[]) this.enter(id);
    if (this.revoked.has(replica)) return [403, { ...error("forbidden"), wipe: true, results }];
    if (request.limit === 0)
      return [200, { ...this.stands(replica), results, ...NO_PAGE, cursor: request.cursor, seen: this.seen }];
    const page = this.whole(request, this.pull(request.cursor as string | null, replica));
    return [200, { results, ...page, ...this.named(request, replica, sent.length) }];
  }

  /** What an answer without a cursor to go on from says: how far the shop has come. */
  private get seen(): string {
    return `${this.epoch}|${this.seq}`;
  }

  /** What of its former names is in a backup; and another name, if more came under this one than it says to have sent. */
  private named(request: Json, replica: string, sent: number): Json {
    const former = (request.former as string[] | undefined)?.map((name) => [
      name,
      this.durables.get(name) ?? 0,
    ]);
    const behind = (this.applied.get(replica) ?? 0) > (request.confirmed as number) + sent;
    return {
      ...(former ? { former: Object.fromEntries(former) } : {}),
      ...(behind ? { replica: this.newName() } : {}),
    };
  }

  private stands(replica: string): Json {
    const durable = Math.max(this.durable, this.durables.get(replica) ?? 0);
    return { applied: this.applied.get(replica) ?? 0, durable, epoch: this.epoch, now: this.now };
  }

  /** The last page, with the records asked for by id and with sums over all that there is (D1, D3). */
  private whole(request: Json, page: Json): Json {
    if (page.more) return page;
    const ids = request.fetch as string[] | undefined;
    const fetched = ids?.map((id) => {
      const row = this.rows.get(id);
      return row && !row.gone ? wire(row) : { collection: "", id, gone: true };
    });
    const digests = request.verify ? totalsOf(this.living()) : undefined;
    return {
      ...page,
      ...(fetched && { fetched }),
      ...(digests && { digests: { ...digests, ...this.lies } }),
    };
  }

  private compare(asked: Json): Json {
    this.questions.push(asked);
    if (!asked.found) this.onQuestion();
    if (asked.found) return { noted: true };
    if (asked.parts) return { ids: idsIn(this.living(), asked.parts as Record<string, string[]>) };
    return { parts: partsOf(this.living(), asked.collections as string[]) };
  }

  /** Older work enters the view when a phone asks for it. */
  private enter(id: string): void {
    const row = this.older.get(id);
    if (row) this.commit("work_order", id, row);
  }

  private searched(path: string): [number, Json] {
    const words = decodeURIComponent(path.split("q=")[1] ?? "");
    if (words.length < 2) return [400, error("invalid")];
    const found = [...this.older].filter(([, row]) => JSON.stringify(row).includes(words));
    return [200, { found: found.map(([id, row]) => ({ id, ...row })), looked: this.older.size, more: false }];
  }

  private living(): Row[] {
    return [...this.rows.values()].filter((row) => !row.gone);
  }

  private push(replica: string, sent: Sent[]): { status: number; body: Json } | { results: Json[] } {
    const results: Json[] = [];
    for (const changeset of sent) {
      const expected = (this.applied.get(replica) ?? 0) + 1;
      const holes = (this.epochs.get(replica) ?? "e1") !== this.epoch || this.revoked.has(replica);
      if (changeset.n > expected && !holes) return { status: 409, body: { ...error("gap"), expected } };
      const digest = canonical({
        ...changeset,
        n: 0,
        was: 0,
        ops: changeset.ops.map((op) => ({ ...op, base: 0 })),
      });
      const known = this.outcomes.get(`${replica}:${changeset.n}`);
      if (known && known.digest !== digest) {
        const name = this.newName();
        return { status: 409, body: { ...error("forked"), n: changeset.n, results, replica: name } };
      }
      const result = known?.result ?? this.judge(replica, changeset, digest);
      results.push({ ...result, n: changeset.n });
    }
    return { results };
  }

  private judge(replica: string, changeset: Sent, digest: string): Json {
    const again = this.byId.get(changeset.id);
    const result = again?.result ?? this.apply(replica, changeset);
    this.outcomes.set(`${replica}:${changeset.n}`, { digest, result });
    this.byId.set(changeset.id, { digest, result });
    this.applied.set(replica, Math.max(changeset.n, this.applied.get(replica) ?? 0));
    return result;
  }

  /** A name that takes new numbers in this epoch. */
  private newName(): string {
    this.names += 1;
    const name = `rfork${String(this.names).padStart(8, "a")}`;
    this.epochs.set(name, this.epoch);
    return name;
  }

  /** All that the shop's database holds. */
  backup(): Saved {
    const { rows, outcomes, byId, applied, durables, epochs, seq, log } = this;
    return structuredClone({ rows, outcomes, byId, applied, durables, epochs, seq, log });
  }

  /** A backup was looked at and found whole: what it holds is durable (R8). */
  verified(saved: Saved): void {
    for (const [name, n] of saved.applied) this.durables.set(name, Math.max(n, this.durables.get(name) ?? 0));
  }

  /** Puts a backup back and starts a new epoch: what came after it is lost. Names that it never knew are former ones. */
  restore(saved: Saved): void {
    const known = new Set(this.epochs.keys());
    Object.assign(this, structuredClone(saved));
    for (const name of known) if (!this.epochs.has(name)) this.epochs.set(name, "lost");
    this.restores += 1;
    this.epoch = `e${1 + this.restores}`;
    this.seq = this.restores * 2 ** 30;
    this.bootstraps.clear();
  }

  private apply(replica: string, changeset: Sent): Json {
    const { n, ops } = changeset;
    const no = (code: string, message: string) => ({ n, outcome: "rejected", code, message, at: { op: 0 } });
    if (this.revoked.has(replica)) return no("forbidden", "This device may no longer write.");
    for (const op of ops) {
      const row = this.rows.get(op.id);
      const parent = op.op === "create" && this.strict ? op.set.work_order : undefined;
      if (parent && !this.rows.has(String(parent))) return no("missing_parent", "It is not there.");
      if (op.op === "create" && row) return no("exists", "This is there already.");
      if (op.op !== "create" && (!row || row.gone)) return no("gone", "This is no longer there.");
      if (JSON.stringify(op).includes("REFUSED")) return no("rule:refused", "The shop does not take this.");
    }
    this.seq += 1;
    for (const op of ops) this.write(replica, n, op);
    this.log.push(changeset);
    return {
      n,
      outcome: "accepted",
      seq: this.seq,
      conflicts: [],
      overtaken: this.overtakes ? [{ op: 0 }] : [],
      ...(this.merges ? { merged: [{ collection: ops[0]?.collection, id: ops[0]?.id, field: "text" }] } : {}),
    };
  }

  private write(replica: string, n: number, op: Op): void {
    const row = this.rows.get(op.id);
    const vv = { ...row?.vv, "@": this.seq, [replica]: n };
    const data = { ...row?.data };
    for (const [field, value] of Object.entries(op.op === "delete" ? {} : op.set))
      data[field] = merged(data[field], value);
    this.rows.set(op.id, {
      collection: op.collection,
      id: op.id,
      vv,
      data,
      pos: this.seq,
      gone: op.op === "delete",
    });
  }

  private pull(cursor: string | null, replica: string): Json {
    const [kind, at = "", done = "0"] = (cursor ?? "").split("|");
    const list = kind === "list" ? this.bootstraps.get(at) : undefined;
    const page = kind === "feed" ? this.feed(Number(at), done) : this.bootstrap(at, list, Number(done));
    const lease = this.lease === null ? {} : { lease: this.lease };
    return { ...page, ...this.stands(replica), ...lease };
  }

  private bootstrap(token: string, list: string[] | undefined, done: number): Json {
    const living = [...this.rows.values()].filter((row) => !row.gone).map((row) => row.id);
    const ids = list ?? living;
    const name = list ? token : `${this.seq}-${++this.mark}`;
    this.bootstraps.set(name, ids);
    const next = (list ? done : 0) + this.pageMax;
    const rows = ids.slice(list ? done : 0, next).flatMap((id) => this.rows.get(id) ?? []);
    const pinned = Number(name.split("-")[0]);
    const more = next < ids.length || (this.seq > pinned && !this.endsEarly);
    const cursor = next < ids.length ? `list|${name}|${next}` : `feed|${pinned}|~`;
    return { records: rows.filter((row) => !row.gone).map(wire), cursor, more, reset: !list };
  }

  private feed(pos: number, after: string): Json {
    const above = [...this.rows.values()]
      .filter((row) => row.pos > pos || (row.pos === pos && row.id > after))
      .sort((a, b) => a.pos - b.pos || (a.id < b.id ? -1 : 1));
    const rows = above.slice(0, this.pageMax);
    const more = above.length > rows.length;
    const last = rows.at(-1);
    const cursor = more && last ? `feed|${last.pos}|${last.id}` : `feed|${this.seq}|~`;
    return { records: rows.map(wire), cursor, more, reset: false };
  }
}

function wire(row: Row): Json {
  const { collection, id, vv, data, gone } = row;
  return gone ? { collection, id, gone: true } : { collection, id, vv, data };
}

function merged(held: unknown, value: unknown): unknown {
  const change = value as { add?: string[]; remove?: string[] } | null;
  if (change === null || typeof change !== "object" || !(change.add || change.remove)) return value;
  const kept = ((held as string[]) ?? []).filter((element) => !change.remove?.includes(element));
  return [...new Set([...kept, ...(change.add ?? [])])].sort();
}

function error(code: string): Json {
  return { code, message: `The shop says ${code}.`, request: "q1" };
}

function json(status: number, body: Json): NetAnswer {
  return { status, type: "application/json", body: JSON.stringify(body), retryAfter: null };
}

function faulty(fault: Fault | undefined): NetAnswer | null {
  const html = "<html><body>Accept our terms to go on</body></html>";
  if (fault === "portal") return { status: 200, type: "text/html", body: html, retryAfter: null };
  if (fault === "portal json") return { ...json(200, { login: true }) };
  if (fault === "signed out") return json(401, error("unauthenticated"));
  if (fault === "busy") return { ...json(503, error("unavailable")), retryAfter: "7" };
  if (fault === "unreadable") return json(400, error("invalid"));
  return null;
}
