/** Searching the shop for work that is no longer on this phone: `GET /api/search` (P18). */

import type { Older } from "./types";
import type { Fetch } from "./world";

const PATH = "/api/search?q=";

/** What the shop found; null when it could not be asked, be it for want of a network or of a session. */
export async function searchOlder(fetch: Fetch, words: string): Promise<Older | null> {
  try {
    const answer = await fetch(PATH + encodeURIComponent(words), { method: "GET" });
    if (answer.type !== "application/json") return null;
    const said = JSON.parse(answer.body);
    if (answer.status === 200 && Array.isArray(said.found))
      return { found: said.found, more: said.more === true };
    const told = answer.status === 400 || answer.status === 429;
    return told && typeof said.message === "string"
      ? { found: [], more: false, problem: said.message }
      : null;
  } catch {
    return null;
  }
}
