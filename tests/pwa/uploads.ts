/** A small tus server of the tests, which really keeps bytes, and everything that can go wrong on the way to it. */

import { createHash } from "node:crypto";
import type { TusAnswer, TusFetch, TusRequest } from "../../pwa/src/media/tus";
import type { Bytes } from "../../pwa/src/sync/files";

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

interface Kept {
  sha256: string;
  length: number;
  bytes: Uint8Array;
  arrived: boolean;
}

/** What happens to one request, once. `cut`: so many bytes of its body arrive, then the line is gone. */
export type Fault =
  | { is: "cut"; after: number }
  | { is: "unsent" }
  | { is: "answer_lost" }
  | { is: "doubled" }
  | { is: "portal" }
  | { is: "status"; status: number; retryAfter?: number; code?: string }
  | { is: "bare"; status: number }
  | { is: "receipt"; says: string }
  | { is: "corrupt" };

export class TusServer {
  readonly files = new Map<string, Kept>();
  /** Photos that were deleted, and those that nobody knows. */
  readonly deleted = new Set<string>();
  readonly unknown = new Set<string>();
  readonly faults: Fault[] = [];
  /** A fault for every request until it is taken away. */
  always: Fault | null = null;
  sentBytes = 0;
  requests = 0;
  arrived: (id: string) => void = () => {};

  readonly fetch: TusFetch = async (path, request) => {
    this.requests += 1;
    if (request.signal?.aborted) throw new Error("aborted");
    const fault = this.faults.shift() ?? this.always;
    const body = new Uint8Array(request.body ? await request.body.arrayBuffer() : new ArrayBuffer(0));
    if (fault?.is === "unsent") throw new TypeError("no network");
    if (fault?.is === "portal") return answer(200, { "Content-Type": "text/html" });
    if (fault?.is === "bare") return answer(fault.status, { "Content-Type": "application/json" });
    if (fault?.is === "status") return this.refused(fault);
    if (fault?.is === "cut") {
      this.sentBytes += Math.min(fault.after, body.length);
      this.answer(path, request, body.slice(0, fault.after), true);
      throw new TypeError("the line is gone");
    }
    this.sentBytes += body.length;
    if (fault?.is === "corrupt") body[0] = (body[0] ?? 0) ^ 1;
    const first = this.answer(path, request, body);
    if (fault?.is === "answer_lost") throw new TypeError("the answer is lost");
    if (fault?.is === "doubled") {
      this.sentBytes += body.length;
      return this.answer(path, request, body);
    }
    if (fault?.is === "receipt")
      return answer(204, { ...TUS, "Upload-Offset": "0", "Upload-Receipt": fault.says });
    return first;
  };

  /** The shop no longer has the file. */
  lose(id: string): void {
    this.files.delete(id);
  }

  private answer(path: string, request: TusRequest, body: Uint8Array, cut = false): TusAnswer {
    const id = request.method === "POST" ? metadata(request).photo : (path.split("/").at(-1) ?? "");
    if (this.deleted.has(id)) return answer(410, TUS);
    if (this.unknown.has(id)) return answer(404, TUS);
    if (request.method === "POST") this.begin(id, request);
    const file = this.files.get(id);
    if (!file) return answer(404, TUS);
    if (request.method === "PATCH") {
      if (Number(request.headers["Upload-Offset"]) !== file.bytes.length)
        return answer(409, { ...TUS, "Upload-Offset": String(file.bytes.length) });
      const checksum = request.headers["Upload-Checksum"];
      const whole = `sha256 ${createHash("sha256").update(body).digest("base64")}`;
      if (!cut && checksum && checksum !== whole) return answer(460, TUS);
      file.bytes = joined(file.bytes, body);
    }
    return this.stands(id, file);
  }

  private begin(id: string, request: TusRequest): void {
    const said = { sha256: metadata(request).sha256, length: Number(request.headers["Upload-Length"]) };
    if (!this.files.has(id)) this.files.set(id, { ...said, bytes: new Uint8Array(), arrived: false });
  }

  private stands(id: string, file: Kept): TusAnswer {
    if (!file.arrived && file.bytes.length === file.length) {
      if (sha256(file.bytes) !== file.sha256) {
        file.bytes = new Uint8Array();
        return answer(460, TUS);
      }
      file.arrived = true;
      this.arrived(id);
    }
    const receipt: Record<string, string> = file.arrived
      ? { "Upload-Receipt": `sha256=${file.sha256}; bytes=${file.length}` }
      : {};
    return answer(204, { ...TUS, ...receipt, "Upload-Offset": String(file.bytes.length) });
  }

  private refused(fault: Fault & { is: "status" }): TusAnswer {
    const later: Record<string, string> =
      fault.retryAfter === undefined ? {} : { "Retry-After": String(fault.retryAfter) };
    return answer(
      fault.status,
      { ...TUS, ...later },
      { code: fault.code ?? "invalid", message: "In words." },
    );
  }
}

const TUS = { "Tus-Resumable": "1.0.0" };

function answer(status: number, headers: Record<string, string>, body: unknown = null): TusAnswer {
  return { status, header: (name) => headers[name] ?? null, json: async () => body };
}

function metadata(request: TusRequest): { photo: string; sha256: string } {
  const pairs = (request.headers["Upload-Metadata"] ?? "").split(",").map((pair) => pair.split(" "));
  const said = Object.fromEntries(pairs.map(([key, value]) => [key, atob(value ?? "")]));
  return { photo: said.photo ?? "", sha256: said.sha256 ?? "" };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** A file of so many bytes, like no other of another seed. */
export function fileOf(id: string, bytes: number, seed = bytes) {
  const content = new Uint8Array(bytes);
  for (let i = 0, x = seed + 1; i < bytes; i += 1) {
    x = (x * 1103515245 + 12345) & 0x7fffffff;
    content[i] = x >> 16;
  }
  const blob = new Blob([content], { type: "image/jpeg" });
  return { id, blob: blob as Blob & Bytes, sha256: sha256(content), bytes, type: "image/jpeg" };
}

/** At once: what runs in a thread of its own comes back when no test can tell. */
export const digest = async (bytes: ArrayBuffer): Promise<ArrayBuffer> =>
  new Uint8Array(createHash("sha256").update(new Uint8Array(bytes)).digest()).buffer;
