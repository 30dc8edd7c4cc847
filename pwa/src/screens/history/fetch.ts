/** Asks the shop for a history, page by page. Says what went wrong in one of three words. */
import { useEffect, useState } from "preact/hooks";
import type { About } from "./open";
import type { Entry } from "./words";

export type Failed = "offline" | "gone" | "trouble";

interface Page {
  entries: Entry[];
  next: number | null;
}

async function ask(about: About, before: number | null): Promise<Page | Failed> {
  const asked = new URLSearchParams({ collection: about.collection, id: about.id });
  if (about.field) asked.set("field", about.field);
  if (before) asked.set("before", String(before));
  const answer = await fetch(`/api/history?${asked}`, { signal: AbortSignal.timeout(8000) }).catch(
    () => null,
  );
  if (!answer) return "offline";
  if (answer.status === 404) return "gone";
  if (!answer.ok || !/json/.test(answer.headers.get("content-type") ?? "")) return "trouble";
  return (await answer.json()) as Page;
}

/** The entries so far, newest first; `more` asks for the next page where there is one, `again` begins anew. */
export function useHistory(about: About, version: unknown) {
  const [entries, setEntries] = useState<Entry[] | null>(null);
  const [next, setNext] = useState<number | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const load = async (before: number | null) => {
    const page = await ask(about, before);
    if (typeof page === "string") return setFailed(page);
    setFailed(null);
    setNext(page.next);
    setEntries((had) => (before ? [...(had ?? []), ...page.entries] : page.entries));
  };
  useEffect(() => void load(null), [about.collection, about.id, about.field, version]);
  return { entries, failed, more: next === null ? null : () => load(next), again: () => load(null) };
}
