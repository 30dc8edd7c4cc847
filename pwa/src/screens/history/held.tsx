/** What this device knows by itself: what was not sent yet, what was not taken, what waits for a choice, what stands. */
import { COLLECTIONS, type CollectionName } from "../../collections.gen";
import { num } from "../../ui/data";
import { stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { inner } from "../../ui/words";
import { sidesOf, valueWords as sideWords } from "../conflicts/sides";
import { parked, record, records } from "../live";
import { valueWords } from "../sync/reasons";
import type { Failed } from "./fetch";
import type { About } from "./open";

interface Piece {
  key: string;
  title: string;
  text: string;
  told: string;
}

function waiting(about: About): Piece[] {
  const held = record(about.collection, about.id);
  const fields = (held?.pending ?? []).filter((field) => !about.field || field === about.field);
  return fields
    .filter((field) => !/_at$/.test(field))
    .map((field) => ({
      key: `waits.${field}`,
      title: `Your ${inner(field)} is on this device`,
      text: valueWords(field, held?.data[field]),
      told: "not sent yet",
    }));
}

function refused(about: About): Piece[] {
  const touches = (set: Record<string, unknown>) => !about.field || about.field in set;
  return parked.value.flatMap((one) =>
    one.ops
      .filter((op) => op.id === about.id && "set" in op && touches(op.set))
      .map((op) => ({
        key: `parked.${one.key}`,
        title: "Yours was not taken",
        text: "set" in op && about.field ? valueWords(about.field, op.set[about.field]) : "",
        told: stamp(one.at),
      })),
  );
}

function sides(about: About): Piece[] {
  const open = records("conflict").filter((one) => one.data.open === true && one.data.record === about.id);
  return open
    .filter((one) => !about.field || one.data.field === about.field)
    .flatMap((one) => sidesOf(one).filter((side) => !side.stands))
    .map((side, i) => ({
      key: `side.${i}`,
      title: `${side.who} wrote another version`,
      text: sideWords(side.value),
      told: [side.at !== null && stamp(side.at), "waits for a choice"].filter(Boolean).join(" · "),
    }));
}

function standing(about: About): Piece[] {
  const held = record(about.collection, about.id);
  if (!held || !about.field || held.pending.includes(about.field)) return [];
  if (!COLLECTIONS[about.collection as CollectionName]?.fields[about.field]) return [];
  const at = num(held.data.updated_at);
  return [
    {
      key: "stands",
      title: "What stands here",
      text: valueWords(about.field, held.data[about.field]),
      told: at === null ? "" : `as the shop last said it, ${stamp(at)}`,
    },
  ];
}

export function Held({
  about,
  failed,
  onAgain,
}: {
  about: About;
  failed: Failed | null;
  onAgain: () => void;
}) {
  const known = [
    ...waiting(about),
    ...(failed ? [...refused(about), ...sides(about), ...standing(about)] : []),
  ];
  return (
    <>
      {failed && <NotAsked failed={failed} holds={known.length > 0} onAgain={onAgain} />}
      {known.map((one) => (
        <div key={one.key} class="history-held">
          <strong>{one.title}</strong>
          <p class="kept-lines">{one.text}</p>
          <span class="soft small number">{one.told}</span>
        </div>
      ))}
    </>
  );
}

const WORDS: Record<Failed, string> = {
  offline: "The full history is at the shop and needs the network.",
  gone: "The shop has no history of this for you. It may not have arrived there yet.",
  trouble: "The shop did not answer just now.",
};

function NotAsked({ failed, holds, onAgain }: { failed: Failed; holds: boolean; onAgain: () => void }) {
  return (
    <div class="banner tone-amber" role="status">
      <Icon name={failed === "offline" ? "offline" : "history"} />
      <span class="grow">
        {WORDS[failed]}
        {holds && failed !== "gone" && " This is what this device holds."}
      </span>
      <button type="button" class="button" onClick={onAgain}>
        Try again
      </button>
    </div>
  );
}
