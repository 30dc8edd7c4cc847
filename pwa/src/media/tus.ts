/**
 * A small client of tus 1.0, the same in a page and in the service worker.
 *
 * It asks where the upload stands, goes on from there in pieces, and believes nothing that is not an answer of the protocol:
 * not the page of a captive portal, not a receipt for other bytes. An answer that is lost is asked for again. The queue calls
 * this; what it says decides when it is called again.
 */

import type { Bytes } from "../sync/files";
import type { Pause } from "./types";

export interface TusRequest {
  method: string;
  headers: Record<string, string>;
  body?: Bytes;
  signal?: AbortSignal;
}

export interface TusAnswer {
  status: number;
  header(name: string): string | null;
  json(): Promise<unknown>;
}

/** Rejects when there was no answer. */
export type TusFetch = (path: string, request: TusRequest) => Promise<TusAnswer>;

export interface TusWorld {
  fetch: TusFetch;
  /** Milliseconds that only grow. */
  monotone(): number;
  /** SHA-256, where this browser has it. */
  digest?: (bytes: ArrayBuffer) => Promise<ArrayBuffer>;
}

/** The file to send; `blob` can be cut. */
export interface ToSend {
  id: string;
  sha256: string;
  bytes: number;
  type: string;
  blob: Bytes & { slice(start: number, end: number): Bytes };
}

export type Sent =
  | { is: "arrived" }
  /** The photo was deleted: nobody wants the file any more. */
  | { is: "deleted" }
  /** The shop knows no such photo. */
  | { is: "unknown" }
  | { is: "refused"; code: string; reason: string }
  | { is: "wait"; why: Pause; retryAfterMs: number | null };

export const PIECE_MIN = 256 * 1024;
export const PIECE_MAX = 1024 * 1024;
const QUICK_MS = 1000;
/** So many answers in a row that bring the upload no further than it was are left to the queue's back-off. */
const STUCK_MAX = 3;
const PATH = "/api/uploads";
const BUSY: Sent = { is: "wait", why: "busy", retryAfterMs: null };

export class Upload {
  private offset = 0;
  /** The furthest it has been: what is thrown away at the shop and sent again is no progress. */
  private furthest = 0;
  private piece = PIECE_MIN;
  private stuck = 0;

  constructor(
    private readonly world: TusWorld,
    private readonly file: ToSend,
    private readonly progress: (share: number) => void = () => {},
    private readonly signal?: AbortSignal,
  ) {}

  /** Sends what is missing; says how it ended. */
  async run(): Promise<Sent> {
    let end = await this.begin();
    while (end === null) end = await this.next();
    return end;
  }

  /** Asks for the upload, which the shop makes if it has none: the answer says where it stands. */
  private async begin(): Promise<Sent | null> {
    const { id, sha256, type, bytes } = this.file;
    const said = { photo: id, sha256, type };
    const metadata = Object.entries(said).map(([key, value]) => `${key} ${btoa(value)}`);
    return this.ask("POST", PATH, { "Upload-Length": String(bytes), "Upload-Metadata": metadata.join(",") });
  }

  private async next(): Promise<Sent | null> {
    const end = Math.min(this.file.bytes, this.offset + this.piece);
    const body = this.file.blob.slice(this.offset, end);
    const began = this.world.monotone();
    const headers = {
      "Upload-Offset": String(this.offset),
      "Content-Type": "application/offset+octet-stream",
      ...(await this.checksum(body)),
    };
    const { stuck } = this;
    const ended = await this.ask("PATCH", `${PATH}/${this.file.id}`, headers, body);
    if (ended !== null) return ended;
    const quick = this.offset === end && this.world.monotone() - began < QUICK_MS;
    this.piece = quick ? Math.min(PIECE_MAX, this.piece * 2) : PIECE_MIN;
    if (this.offset > this.furthest) this.stuck = 0;
    else if (this.stuck === stuck) this.stuck += 1;
    this.furthest = Math.max(this.furthest, this.offset);
    return this.stuck > STUCK_MAX ? BUSY : null;
  }

  private async checksum(body: Bytes): Promise<Record<string, string>> {
    if (!this.world.digest) return {};
    const digest = new Uint8Array(await this.world.digest(await body.arrayBuffer()));
    return { "Upload-Checksum": `sha256 ${btoa(String.fromCharCode(...digest))}` };
  }

  /** One request; null says that there is more to send. */
  private async ask(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: Bytes,
  ): Promise<Sent | null> {
    let answer: TusAnswer;
    try {
      const all = { "Tus-Resumable": "1.0.0", ...headers };
      answer = await this.world.fetch(path, { method, headers: all, body, signal: this.signal });
    } catch {
      return this.again({ is: "wait", why: "offline", retryAfterMs: null });
    }
    if (answer.header("Tus-Resumable") === null) return notOurs(answer);
    const { status } = answer;
    if (status === 200 || status === 201 || status === 204) return this.stands(answer);
    // It stands elsewhere, or is no longer there, or has to be sent again. A POST is refused because the file is another one.
    const elsewhere = method === "PATCH" && (status === 404 || status === 409);
    if (elsewhere || status === 460) return this.again(BUSY);
    return refusal(answer);
  }

  /** Whatever was lost, the shop knows how far it is. */
  private async again(otherwise: Sent): Promise<Sent | null> {
    this.stuck += 1;
    if (this.stuck > STUCK_MAX || this.signal?.aborted) return otherwise;
    return this.begin();
  }

  private stands(answer: TusAnswer): Sent | null {
    const said = answer.header("Upload-Offset") ?? "";
    const offset = /^\d{1,15}$/.test(said) ? Number(said) : Number.NaN;
    if (!(offset <= this.file.bytes)) return BUSY;
    this.offset = offset;
    this.progress(offset / Math.max(1, this.file.bytes));
    const receipt = answer.header("Upload-Receipt");
    if (receipt !== null) return this.receipt(receipt);
    // All is there and no receipt: the shop is still putting it together.
    return offset === this.file.bytes ? { is: "wait", why: "busy", retryAfterMs: QUICK_MS } : null;
  }

  /** Only for the very bytes that were kept here. */
  private receipt(said: string): Sent {
    if (said === `sha256=${this.file.sha256}; bytes=${this.file.bytes}`) return { is: "arrived" };
    return { is: "refused", code: "receipt", reason: "The shop has another picture under this name." };
  }
}

/** What stands between us and the shop: a proxy that is busy, a session that is over, or a portal. */
function notOurs(answer: TusAnswer): Sent {
  const html = (answer.header("Content-Type") ?? "").includes("html");
  if (!html && answer.status === 401) return { is: "wait", why: "signed_out", retryAfterMs: null };
  if (answer.status === 429 || answer.status >= 500)
    return { is: "wait", why: "busy", retryAfterMs: later(answer) };
  return { is: "wait", why: "portal", retryAfterMs: null };
}

async function refusal(answer: TusAnswer): Promise<Sent> {
  const { status } = answer;
  if (status === 401) return { is: "wait", why: "signed_out", retryAfterMs: null };
  if (status === 404) return { is: "unknown" };
  if (status === 410) return { is: "deleted" };
  if (status === 507) return { is: "wait", why: "shop_full", retryAfterMs: later(answer) };
  if (status === 429 || status >= 500) return { is: "wait", why: "busy", retryAfterMs: later(answer) };
  const { code, message } = await words(answer);
  return { is: "refused", code, reason: message };
}

const later = (answer: TusAnswer): number | null => {
  const seconds = Number(answer.header("Retry-After") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
};

async function words(answer: TusAnswer): Promise<{ code: string; message: string }> {
  const said = (await answer.json().catch(() => null)) as { code?: unknown; message?: unknown } | null;
  const code = typeof said?.code === "string" ? said.code : "invalid";
  const message = typeof said?.message === "string" ? said.message : "The shop does not take this picture.";
  return { code, message };
}
