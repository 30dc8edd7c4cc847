/**
 * A shop's place for files that follows tus as docs/protocol.md has it closely enough for a phone to be tried on it: pieces,
 * hashes, receipts, one writer. Faults are ordered by the test, one a request.
 */

import { createHash } from "node:crypto";
import { PIECE_MIN, type TusAnswer, type TusFetch, type TusRequest } from "../../pwa/src/media/tus";
import type { Bytes } from "../../pwa/src/sync/files";

/** Bytes of a test: read and cut at once, so that nothing but requests takes a turn. */
export class Bits implements Bytes {
  constructor(
    readonly content: Uint8Array,
    readonly type = "image/jpeg",
  ) {}

  get size(): number {
    return this.content.length;
  }

  slice(start: number, end: number): Bits {
    return new Bits(this.content.slice(start, end), this.type);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.content.slice().buffer as ArrayBuffer;
  }
}

export function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

export type Fault =
  | "none"
  /** It never gets there. */
  | "no network"
  /** So many bytes of the body get there, then the line is dead; or the server, which loses what is less than a piece. */
  | { cut: number; killed?: boolean }
  | "answer lost"
  /** A connection that was reset made the browser send it twice; the second answer is heard. */
  | "doubled"
  /** A bit turns over on the way. */
  | "spoilt"
  | Answered;

/** Answers that something gives before the depot hears of it. */
export type Answered = keyof typeof ANSWERS;

const PAGE = "<html><body>Accept our terms to go on</body></html>";
const TUS = { "Tus-Resumable": "1.0.0" };
const refusal = (status: number, code: string, more: Record<string, string> = {}): Said => ({
  status,
  headers: { ...TUS, "Content-Type": "application/json", ...more },
  body: JSON.stringify({ code, message: `The shop says ${code}.`, request: "q1" }),
});

interface Said {
  status: number;
  headers: Record<string, string>;
  body?: string;
}

const ANSWERS = {
  portal: { status: 200, headers: { "Content-Type": "text/html" }, body: PAGE },
  "portal json": { status: 200, headers: { "Content-Type": "application/json" }, body: "{}" },
  "portal that says 204": { status: 204, headers: {} },
  "portal that says 401": { status: 401, headers: { "Content-Type": "text/html" }, body: PAGE },
  gateway: { status: 502, headers: { "Content-Type": "text/html", "Retry-After": "9" }, body: PAGE },
  "signed out": refusal(401, "unauthenticated"),
  forbidden: refusal(403, "forbidden"),
  large: refusal(413, "too_large"),
  kind: refusal(415, "type"),
  busy: refusal(503, "unavailable", { "Retry-After": "7" }),
  full: refusal(507, "storage_full", { "Retry-After": "600" }),
  internal: refusal(500, "internal"),
} satisfies Record<string, Said>;

interface Kept {
  length: number;
  sha256: string;
  received: Uint8Array;
  arrived: boolean;
}

export interface Asked {
  method: string;
  id: string;
  offset: number | null;
  bytes: number;
}

export class Depot {
  readonly uploads = new Map<string, Kept>();
  readonly asked: Asked[] = [];
  faults: Fault[] = [];
  /** Bytes that went over the line, once and again. */
  bytes = 0;
  /** What is wrong with one photo whenever it is asked for. */
  wrong = new Map<string, Answered>();
  /** What the shop does once a file has arrived. */
  onArrived = (_id: string) => {};
  /** What happens while a request is on its way. */
  onRequest = (_asked: Asked) => {};
  private gate: Promise<void> | null = null;

  constructor(
    /** Whether the shop knows the photo: its record's hash and length, or that it was deleted. */
    private readonly photo: (id: string) => { sha256: string; bytes: number } | "gone" | undefined,
  ) {}

  /** The next answer comes only when the function returned is called. */
  holdNext(): () => void {
    let open = () => {};
    this.gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  }

  /** What has arrived whole and is what it says. */
  arrived(): string[] {
    const whole = [...this.uploads].filter(
      ([, kept]) => kept.arrived && sha256(kept.received) === kept.sha256,
    );
    return whole.map(([id]) => id).sort();
  }

  readonly fetch: TusFetch = async (path, request) => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (request.signal?.aborted) throw new DOMException("Aborted", "AbortError");
    const fault = this.faults.shift() ?? "none";
    if (fault === "no network") throw new TypeError("network");
    const id = path.split("/")[3] ?? fieldsOf(request).photo ?? "";
    const body = request.body ? new Uint8Array(await request.body.arrayBuffer()) : new Uint8Array();
    const offset = request.headers["Upload-Offset"];
    const asked = {
      method: request.method,
      id,
      offset: offset === undefined ? null : Number(offset),
      bytes: body.length,
    };
    this.asked.push(asked);
    this.onRequest(asked);
    const { gate } = this;
    this.gate = null;
    const said = this.meet(fault, id, request, body);
    await gate;
    if (request.signal?.aborted) throw new DOMException("Aborted", "AbortError");
    if (said === null) throw new TypeError("network");
    return answer(said);
  };

  private meet(fault: Fault, id: string, request: TusRequest, body: Uint8Array): Said | null {
    if (typeof fault === "string" && fault in ANSWERS) return ANSWERS[fault as Answered];
    const wrong = this.wrong.get(id);
    if (wrong) return ANSWERS[wrong];
    this.bytes += body.length;
    if (typeof fault === "object") {
      this.bytes -= Math.max(0, body.length - fault.cut);
      const whole = fault.killed ? fault.cut - (fault.cut % PIECE_MIN) : fault.cut;
      this.cut(id, request, body.subarray(0, whole));
      return null;
    }
    const came = fault === "spoilt" ? turned(body) : body;
    const said = this.take(id, request, came);
    if (fault === "doubled") return this.take(id, request, came);
    return fault === "answer lost" ? null : said;
  }

  /** Of a request that broke off, what came stays. */
  private cut(id: string, request: TusRequest, came: Uint8Array): void {
    const upload = this.uploads.get(id);
    const stands = Number(request.headers["Upload-Offset"]) === upload?.received.length;
    if (upload && stands) upload.received = joined(upload.received, came);
  }

  private take(id: string, request: TusRequest, body: Uint8Array): Said {
    if (request.headers["Tus-Resumable"] !== "1.0.0") return refusal(412, "invalid");
    const photo = this.photo(id);
    if (photo === undefined) return refusal(404, "gone");
    if (photo === "gone") return refusal(410, "gone");
    if (request.method === "POST") return this.create(id, request, photo);
    const upload = this.uploads.get(id);
    if (upload === undefined) return refusal(404, "gone");
    return this.append(id, upload, request, body);
  }

  private create(id: string, request: TusRequest, photo: { sha256: string; bytes: number }): Said {
    const said = fieldsOf(request);
    const length = Number(request.headers["Upload-Length"]);
    if (said.sha256 !== photo.sha256 || length !== photo.bytes) return refusal(409, "conflict");
    if (!this.uploads.has(id)) {
      const made = { length, sha256: said.sha256, received: new Uint8Array(), arrived: false };
      this.uploads.set(id, made);
    }
    const upload = this.uploads.get(id) as Kept;
    this.finish(id, upload);
    return stands(201, upload);
  }

  private append(id: string, upload: Kept, request: TusRequest, body: Uint8Array): Said {
    const { received } = upload;
    if (Number(request.headers["Upload-Offset"]) !== received.length)
      return refusal(409, "conflict", { "Upload-Offset": String(received.length) });
    const said = request.headers["Upload-Checksum"];
    if (said && said !== `sha256 ${createHash("sha256").update(body).digest("base64")}`)
      return refusal(460, "checksum");
    if (received.length + body.length > upload.length) return refusal(413, "too_large");
    upload.received = joined(received, body);
    return this.finish(id, upload) ? stands(204, upload) : refusal(460, "checksum");
  }

  /** Puts it together when all is there; false when that is not the file, which then has to come again. */
  private finish(id: string, upload: Kept): boolean {
    if (upload.arrived || upload.received.length < upload.length) return true;
    upload.arrived = sha256(upload.received) === upload.sha256;
    if (upload.arrived) this.onArrived(id);
    else upload.received = new Uint8Array();
    return upload.arrived;
  }
}

function fieldsOf(request: TusRequest): Record<string, string> {
  const said = request.headers["Upload-Metadata"] ?? "";
  const fields = said.split(",").map((one) => one.split(" "));
  return Object.fromEntries(fields.map(([name = "", value = ""]) => [name, atob(value)]));
}

function stands(status: number, upload: Kept): Said {
  const receipt = `sha256=${upload.sha256}; bytes=${upload.length}`;
  const more: Record<string, string> = upload.arrived ? { "Upload-Receipt": receipt } : {};
  return { status, headers: { ...TUS, "Upload-Offset": String(upload.received.length), ...more } };
}

function answer({ status, headers, body = "" }: Said): TusAnswer {
  const held = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    status,
    header: (name) => held.get(name.toLowerCase()) ?? null,
    json: async () => JSON.parse(body),
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

function turned(content: Uint8Array): Uint8Array {
  const other = content.slice();
  if (other.length > 0) other[0] = (other[0] ?? 0) ^ 1;
  return other;
}
