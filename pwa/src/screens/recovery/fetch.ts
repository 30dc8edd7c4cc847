/** Asks the shop for the refused changes of its staff. */
import { useEffect, useState } from "preact/hooks";
import type { ToldOp } from "./plan";

/** One refused change as the server tells it (C24). */
export interface Refused {
  seq: number;
  changeset: string;
  key: string;
  person: string;
  name: string;
  device: string;
  revoked: boolean;
  edited_at: number;
  received_at: number;
  code: string;
  message: string;
  ops: ToldOp[];
  unreadable?: string;
  settled?: { how: string; reason: string | null; person: string; name: string; at: number };
}

interface Page {
  changes: Refused[];
  next: number | null;
}

async function ask(withSettled: boolean, before: number | null): Promise<Page | null> {
  const asked = new URLSearchParams();
  if (withSettled) asked.set("settled", "true");
  if (before) asked.set("before", String(before));
  const answer = await fetch(`/api/parked?${asked}`, { signal: AbortSignal.timeout(8000) }).catch(() => null);
  const json = answer?.ok && /json/.test(answer.headers.get("content-type") ?? "");
  return json ? ((await answer.json()) as Page) : null;
}

export function useRefused(withSettled: boolean) {
  const [changes, setChanges] = useState<Refused[] | null>(null);
  const [next, setNext] = useState<number | null>(null);
  const [failed, setFailed] = useState(false);
  const load = async (before: number | null) => {
    const page = await ask(withSettled, before);
    setFailed(!page);
    if (!page) return;
    setNext(page.next);
    setChanges((had) => (before ? [...(had ?? []), ...page.changes] : page.changes));
  };
  useEffect(() => void load(null), [withSettled]);
  return { changes, failed, more: next === null ? null : () => load(next), again: () => load(null) };
}
