/** Asks the shop about albums: links to photos are made and kept there, so that all of this needs the network. */

/** One link as the staff are told of it. Times in ms; `photos`: those chosen, null for all that the customer may see. */
export interface Album {
  id: string;
  title: string;
  photos: string[] | null;
  password: boolean;
  made_at: number;
  expires_at: number;
  revoked: boolean;
  views: number;
  seen_at: number | null;
}

/** The answer that makes one, and alone tells its link: as text, and as a picture to be scanned. */
export interface Made extends Album {
  url: string;
  qr: string;
}

export interface Wish {
  work_order: string;
  title: string;
  days: number;
  password: string | null;
  photos: string[] | null;
}

/** What a visitor is shown. */
export interface Visited {
  title: string;
  shop: string;
  expires_at: number;
  photos: Picture[];
}

export interface Picture {
  id: string;
  kind: string;
  taken_at: number | null;
  note: string | null;
  drawing: unknown;
  type: string;
}

/** Why there is no answer. `message`: the shop's own words, for what a person can do something about. */
export interface Failed {
  why: "offline" | "over" | "locked" | "refused" | "trouble";
  message: string;
}

export const isFailed = (answer: unknown): answer is Failed =>
  typeof answer === "object" && answer !== null && "why" in answer;

const WHY: Record<number, Failed["why"]> = { 400: "refused", 401: "locked", 404: "over", 429: "refused" };

export async function ask<T>(path: string, method = "GET", body?: object): Promise<T | Failed> {
  const answer = await fetch(path, {
    method,
    body: body && JSON.stringify(body),
    headers: body && { "Content-Type": "application/json" },
    signal: AbortSignal.timeout(15_000),
  }).catch(() => null);
  if (!answer) return { why: "offline", message: "" };
  if (answer.status === 204) return {} as T;
  const said = await answer.json().catch(() => null);
  // What is no JSON came from somebody else: the sign-in page of a hotel, a proxy.
  if (!said) return { why: "trouble", message: "" };
  if (answer.ok) return said as T;
  return { why: WHY[answer.status] ?? "trouble", message: String(said.message ?? "") };
}

export async function fetchAlbums(order: string): Promise<Album[] | Failed> {
  const found = await ask<{ albums: Album[] }>(`/api/albums?work_order=${order}`);
  return isFailed(found) ? found : found.albums;
}

export const makeAlbum = (wish: Wish) => ask<Made>("/api/albums", "POST", wish);
export const revokeAlbum = (id: string) => ask<object>(`/api/albums/${id}`, "DELETE");

export const albumPath = (token: string) => `/api/album/${encodeURIComponent(token)}`;
