/** Dates, money and quantities as the shop writes them. Formats are made once: making one costs more than using it. */

let locale: string | undefined;
let zone: string | undefined;
let currency = "USD";
let cache = new Map<string, Intl.DateTimeFormat>();

export function setFormats(shop: { locale?: unknown; zone?: unknown; currency?: unknown }): void {
  locale = supported(shop.locale, (value) => new Intl.DateTimeFormat(value));
  zone = supported(shop.zone, (value) => new Intl.DateTimeFormat("en", { timeZone: value }));
  currency =
    supported(
      shop.currency,
      (value) => new Intl.NumberFormat("en", { style: "currency", currency: value }),
    ) ?? "USD";
  cache = new Map();
}

/** A setting the browser does not know must not take the screen down. */
function supported(value: unknown, probe: (value: string) => unknown): string | undefined {
  if (typeof value !== "string" || !value) return undefined;
  try {
    probe(value);
    return value;
  } catch {
    return undefined;
  }
}

function format(ms: number, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options);
  let made = cache.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
    cache.set(key, made);
  }
  return made.format(ms);
}

/** 14:32, as the sync words want it: always 24 hours, so that the words are the same on every phone. */
export const clock = (ms: number) => format(ms, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const day = (ms: number) => format(ms, { weekday: "short", day: "numeric", month: "short" });
export const longDay = (ms: number) => format(ms, { weekday: "long", day: "numeric", month: "long" });
const dayKey = (ms: number) => format(ms, { year: "numeric", month: "2-digit", day: "2-digit" });

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** 0 for today, 1 for tomorrow, −1 for yesterday, else undefined. */
export function nearDay(ms: number, now: number): number | undefined {
  return [0, 1, -1].find((offset) => dayKey(ms) === dayKey(now + offset * DAY_MS));
}

/** "today 14:32", "tomorrow 09:00", "Fri 27 Nov": as near as is useful. */
export function when(ms: number, now = Date.now()): string {
  const near = nearDay(ms, now);
  if (near === undefined) return day(ms);
  return `${near === 0 ? "today" : near === 1 ? "tomorrow" : "yesterday"} ${clock(ms)}`;
}

export const dayAndTime = (ms: number) => `${day(ms)}, ${clock(ms)}`;

/** "14:32" when it was today, else with the day. */
export function stamp(ms: number, now = Date.now()): string {
  return nearDay(ms, now) === 0 ? clock(ms) : dayAndTime(ms);
}

/** The hour of the day in the shop's zone, for the greeting. */
export const hourOf = (ms: number) =>
  Number(format(ms, { hour: "2-digit", hourCycle: "h23" }).replace(/\D/g, ""));

export function money(cents: number): string {
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(cents / 100);
}

/** Thousandths as a plain number: 1500 → "1.5". */
export function quantity(milli: number): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 3 }).format(milli / 1000);
}

/** Minutes as people say them: "45 min", "1 h 20". */
export function minutes(total: number): string {
  const whole = Math.max(0, Math.round(total));
  if (whole < 60) return `${whole} min`;
  return whole % 60
    ? `${Math.floor(whole / 60)} h ${String(whole % 60).padStart(2, "0")}`
    : `${whole / 60} h`;
}

/** A running time: "0:04:12". */
export function running(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export function bytes(count: number): string {
  const mega = count / 1_048_576;
  return mega < 1000
    ? `${mega < 10 ? mega.toFixed(1) : Math.round(mega)} MB`
    : `${(mega / 1024).toFixed(1)} GB`;
}

/** How far the shop's clock is ahead of UTC at `ms`: what is typed and shown is the shop's time, wherever the phone is. */
function offsetOf(ms: number): number {
  const fields: Intl.DateTimeFormatOptions = {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  };
  const parts = new Intl.DateTimeFormat("en-GB", { ...fields, timeZone: zone }).formatToParts(ms);
  const at = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const local = Date.UTC(at("year"), at("month") - 1, at("day"), at("hour"), at("minute"));
  return local - Math.floor(ms / 60_000) * 60_000;
}

/** What a `datetime-local` input wants, in the shop's time. */
export function toLocalInput(ms: number | null): string {
  return ms === null ? "" : new Date(ms + offsetOf(ms)).toISOString().slice(0, 16);
}

/** The instant that was typed; the second look is for the hours beside a change of the clocks. */
export function fromLocalInput(typed: string): number | null {
  const wall = Date.parse(`${typed}Z`);
  if (!typed || !Number.isFinite(wall)) return null;
  return wall - offsetOf(wall - offsetOf(wall));
}
