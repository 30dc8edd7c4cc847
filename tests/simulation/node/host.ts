/**
 * Hosts all TypeScript phones of a simulation: commands come as JSON lines, each is run until nothing but requests and
 * timers is left, and one line says what came of it.
 *
 * Nothing here decides anything: when a request is answered, when time passes, who is killed, says the simulation.
 */

import { createInterface } from "node:readline";
import { isLaidOver, type Waiting, waits } from "../../../pwa/src/sync/changeset";
import { bucketOf, bucketText, parseBucket } from "../../../pwa/src/sync/confirmed";
import { MemoryStore } from "../../../pwa/src/sync/store_memory";
import type { Identity } from "../../../pwa/src/sync/types";
import { Phone } from "./phone";
import type { Crash } from "./storage";

// biome-ignore lint/suspicious/noExplicitAny: commands are loose JSON, written by the simulation alone.
type Command = any;

const phones = new Map<string, Phone>();
const shelf = new Map<string, { store: Phone["disk"]["store"]; identity: Identity }>();
/** Turns of the event loop in which nothing may be due any more. */
const QUIET = 3;
const turn = globalThis.setImmediate;
let due = 0;
let time = 0;
let flights = 0;

// What is put off to a later turn is counted, so that it is known when all of a command is through.
globalThis.setImmediate = ((call: (...args: unknown[]) => void, ...args: unknown[]) => {
  due += 1;
  return turn(() => {
    due -= 1;
    call(...args);
  });
}) as typeof setImmediate;

async function settled(): Promise<void> {
  for (let quiet = 0; quiet < QUIET; quiet = due > 0 ? 0 : quiet + 1)
    await new Promise<void>((on) => turn(on));
}

function phoneOf(command: Command): Phone {
  const phone = phones.get(command.phone);
  if (phone === undefined) throw new Error(`There is no phone ${command.phone}.`);
  return phone;
}

function tabOf(command: Command) {
  const tab = phoneOf(command).tabs[command.tab ?? 0];
  if (tab === undefined) throw new Error(`The phone ${command.phone} is off.`);
  return tab;
}

const COMMANDS: Record<string, (command: Command) => unknown> = {
  /** A new phone with an empty disk. */
  make: ({ phone, seed, identity }) => {
    phones.set(phone, new Phone(phone, seed, identity, () => ++flights));
  },
  forget: () => {
    phones.clear();
    shelf.clear();
    flights = 0;
  },
  open: (command) => phoneOf(command).open(time, command.skew),
  kill: (command) => phoneOf(command).kill(),
  evict: (command) => {
    const phone = phoneOf(command);
    phone.kill();
    phone.disk.store = new MemoryStore();
    phone.identity = command.identity;
    phone.wiped = false;
  },
  identity: (command) => {
    phoneOf(command).identity = command.identity;
  },
  time: (command) => {
    time = command.now;
    for (const phone of phones.values()) phone.outside.clock.time = time;
  },
  skew: (command) => {
    phoneOf(command).outside.clock.skew = command.skew;
  },
  /** Lets timers that are due by now ring. */
  wake: (command) => phoneOf(command).outside.clock.pass(command.ms ?? 0),
  arm: (command) => phoneOf(command).disk.arm(command.how as Crash, command.after),
  act: async (command) => {
    const { replica } = tabOf(command);
    const acting = command.retry ? replica.retry(command.retry, command.drafts) : replica.act(command.drafts);
    return outcomeOf(acting.then((id) => ({ id })));
  },
  undo: (command) =>
    outcomeOf(
      tabOf(command)
        .replica.undo(command.id)
        .then((undone) => ({ undone })),
    ),
  discard: (command) =>
    outcomeOf(
      tabOf(command)
        .replica.discard(command.key)
        .then(() => ({})),
    ),
  form: (command) => tabOf(command).replica.form(command.id),
  all: (command) =>
    tabOf(command)
      .replica.all(command.collection)
      .map(({ id, data }) => [id, data])
      .sort(),
  /** One of the living records of a collection: the lower of two places, each given as a share of all. */
  pick: (command) => {
    const shown = tabOf(command).replica.all(command.collection);
    const sorted = [...shown].sort((a, b) => (a.id < b.id ? -1 : 1));
    const found = sorted[Math.floor(Math.min(...(command.at as number[])) * sorted.length)];
    return found ? [found.id, found.data] : null;
  },
  look: (command) =>
    command.ids.map(
      ([collection, id]: [string, string]) => tabOf(command).replica.get(collection, id)?.data ?? null,
    ),
  sync: (command) => {
    const { replica } = tabOf(command);
    phoneOf(command).outside.signal("online");
    void replica.syncNow();
  },
  verify: (command) => {
    void tabOf(command).replica.verify();
  },
  /** The tab whose request is out hears nothing of the others; says which one it is. */
  sleep: (command) => {
    const phone = phoneOf(command);
    const tab = phone.flights.find((flight) => flight.id === command.flight)?.tab ?? 0;
    tabOf({ ...command, tab }).channel.asleep = true;
    return tab;
  },
  /** All tabs hear again, and look after what they missed, as a browser tells them to. */
  awake: (command) => {
    const phone = phoneOf(command);
    for (const tab of phone.tabs) tab.channel.asleep = false;
    phone.outside.signal("visible");
  },
  signal: (command) => phoneOf(command).outside.signal(command.signal),
  poke: (command) => {
    for (const stream of phoneOf(command).outside.streams) if (stream.open) stream.events.poke();
  },
  land: (command) => {
    const flight = phoneOf(command).take(command.flight);
    if (command.answer) flight?.land(command.answer);
    else flight?.fail();
    return flight !== undefined;
  },
  /** Puts the disk as it is now on the shelf; `from` takes one from there, for a rollback or a copy. */
  shelve: (command) => {
    const phone = phoneOf(command);
    shelf.set(command.name, { store: phone.disk.store.copy(), identity: { ...phone.identity } });
  },
  unshelve: (command) => {
    const kept = shelf.get(command.name);
    if (kept === undefined) throw new Error(`Nothing is kept as ${command.name}.`);
    const phone = phoneOf(command);
    phone.kill();
    phone.disk.store = kept.store.copy();
    phone.identity = { ...kept.identity };
    phone.wiped = false;
  },
  dump: (command) => dump(phoneOf(command)),
  /** Damages what is stored, as a failing disk would: a record's data changes or the record goes. */
  damage: (command) => damage(phoneOf(command), command.id, command.how),
};

/** What came of an action; nothing when the phone died over it. */
function outcomeOf(acting: Promise<object>): object {
  const slot: { done?: object } = {};
  acting.then(
    (done) => {
      slot.done = done;
    },
    (error) => {
      slot.done = { error: String(error?.message ?? error), code: error?.code ?? "failed" };
    },
  );
  return slot;
}

/** All that is on the disk, as it is stored. */
async function dump(phone: Phone) {
  return phone.disk.store.read(async (tx) => {
    const confirmed = (await tx.all<string>("confirmed")).flatMap((text) => [...parseBucket(text).values()]);
    // biome-ignore lint/suspicious/noExplicitAny: what is stored is handed on as it is.
    const list = (name: "outbox" | "parked" | "kept") => tx.all<any>(name);
    const meta = await tx.get<object>("meta", "state");
    return {
      confirmed: confirmed.map(({ collection, id, vv, data }) => [id, collection, vv["@"] ?? 0, data]),
      outbox: (await list("outbox")).map(({ id, n, replica, accepted, was }) => ({
        id,
        n,
        replica,
        was,
        waits: accepted === undefined,
      })),
      parked: (await list("parked")).map(({ kind, id, key, changeset, code, overtaken }) =>
        kind === "notice" ? { notice: changeset, overtaken } : { id, key, code },
      ),
      kept: (await list("kept")).map(({ id, n, replica, outcome }) => ({ id, n, replica, outcome })),
      meta,
    };
  });
}

async function damage(phone: Phone, id: string, how: string): Promise<boolean> {
  return phone.disk.store.write(async (tx) => {
    const index = bucketOf(id);
    const bucket = parseBucket(await tx.get<string>("confirmed", index));
    const found = bucket.get(id);
    if (found === undefined) return false;
    if (how === "gone") bucket.delete(id);
    else bucket.set(id, { ...found, data: { ...found.data, damaged: "yes" } });
    tx.put("confirmed", index, bucketText(bucket));
    return true;
  });
}

/** What the simulation always wants to know of the phone that was spoken to. */
async function brief(phone: Phone) {
  const out = phone.flights.map(({ id, tab, path, method, body }) => ({ id, tab, path, method, body }));
  const { meta, outbox } = await phone.disk.store.read(async (tx) => ({
    meta: await tx.get<{ flips: number; n: number; durable: number; identity: Identity }>("meta", "state"),
    outbox: (await tx.all<Waiting>("outbox")).map((entry) => [entry.id, waits(entry), isLaidOver(entry)]),
  }));
  const overall = phone.tabs[0]?.replica.overall();
  const crash = phone.disk.hit;
  phone.disk.hit = null;
  if (crash !== null) phone.kill();
  return {
    out,
    outbox,
    crash,
    wiped: phone.wiped || meta === undefined,
    flips: meta?.flips ?? 0,
    n: meta?.n ?? 0,
    replica: meta?.identity.replica ?? phone.identity.replica,
    epoch: meta?.identity.epoch ?? phone.identity.epoch,
    durable: meta?.durable ?? 0,
    waiting: overall?.waiting ?? null,
    trouble: overall?.trouble ?? null,
  };
}

async function run(command: Command): Promise<object> {
  const work = COMMANDS[command.do];
  if (work === undefined) throw new Error(`There is no command ${command.do}.`);
  // A phone that is killed while it opens never comes back from it, so nobody waits for it for ever.
  const slot: { result?: unknown; error?: unknown; done?: true } = {};
  Promise.resolve(work(command)).then(
    (result) => Object.assign(slot, { result, done: true }),
    (error) => Object.assign(slot, { error, done: true }),
  );
  await settled();
  if (slot.error) throw slot.error;
  const phone = command.phone ? phones.get(command.phone) : undefined;
  return { result: slot.result ?? null, ...(phone ? await brief(phone) : {}) };
}

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  let said: object;
  try {
    const commands: Command[] = JSON.parse(line);
    const all = [];
    for (const command of commands) all.push(await run(command));
    said = all;
  } catch (error) {
    said = { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
