/** What is said of a link in a line, and passwords that can be read out on the phone. */
import { day, stamp } from "../../ui/format";
import type { Album } from "./fetch";

/** "27 Nov", and the year where it is not this one. */
export function dayOf(ms: number, now: number): string {
  const year = new Date(ms).getFullYear();
  return year === new Date(now).getFullYear() ? day(ms) : `${day(ms)} ${year}`;
}

export function stateOf(album: Album, now: number): "open" | "revoked" | "over" {
  if (album.revoked) return "revoked";
  return album.expires_at <= now ? "over" : "open";
}

export function viewsOf(album: Album, now: number): string {
  if (!album.views) return "not opened yet";
  const times = album.views === 1 ? "opened once" : `opened ${album.views} times`;
  return album.seen_at === null ? times : `${times}, last ${stamp(album.seen_at, now)}`;
}

export function endOf(album: Album, now: number): string {
  const when = dayOf(album.expires_at, now);
  return { open: `works until ${when}`, revoked: "ended by the shop", over: `ended ${when}` }[
    stateOf(album, now)
  ];
}

export const countOf = (photos: number) => (photos === 1 ? "1 photo" : `${photos} photos`);

const WORDS =
  "amber anchor apple arrow basket beach birch bridge candle canyon cedar cherry clover copper coral cotton daisy ember falcon fern forest garden ginger harbour hazel honey island ivory jasmine kettle lantern lemon linen maple marble meadow mellow nutmeg olive orange orchid pebble pepper plum poplar quartz rabbit raven river rocket saddle saffron salmon silver spruce summer thistle timber tulip velvet violet walnut willow winter".split(
    " ",
  );

/** Three words and a number, from the browser's own chance: some 28 bits, behind a link that nobody guesses. */
export function suggestPassword(random: (most: number) => number = randomBelow): string {
  const words = [0, 1, 2].map(() => WORDS[random(WORDS.length)]);
  return `${words.join(" ")} ${10 + random(90)}`;
}

function randomBelow(most: number): number {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  return drawn % most;
}
