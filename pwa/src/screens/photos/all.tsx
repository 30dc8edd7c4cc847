/** All photos on this phone by day, newest first; or those of one customer or one machine. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { text } from "../../ui/data";
import { Empty } from "../../ui/empty";
import { Icon } from "../../ui/icons";
import { query } from "../../ui/router";
import { word } from "../../ui/words";
import { record, records } from "../live";
import { may } from "../rights";
import { customerName, equipmentName } from "../work/facts";
import { belongs } from "./belongs";
import { cameraFor, KINDS } from "./camera/open";
import { Days } from "./days";
import { fileState, filesOverall } from "./media";
import { byTime } from "./source";

/** Whose photos were asked for by the address, if anybody's. */
function asked(): { collection: string; id: string } | null {
  const given = new URLSearchParams(query.value);
  const collection = ["customer", "equipment"].find((one) => given.has(one));
  return collection ? { collection, id: given.get(collection) ?? "" } : null;
}

function nameOf(collection: string, id: string): string {
  const data = record(collection, id)?.data;
  return collection === "customer" ? customerName(data) : equipmentName(data);
}

/** On this phone alone. Nobody is asked one by one where nothing waits at all. */
function isHere(photo: Shown): boolean {
  const files = filesOverall.value;
  if (!files || files.waiting + files.needsYou === 0) return false;
  return ["phone", "sending", "needs_you"].includes(fileState(photo.id)?.is ?? "");
}

export function AllPhotos() {
  const only = asked();
  const [kind, setKind] = useState("");
  const all = records("photo")
    .filter((one) => !only || belongs(one, only.collection, only.id))
    .sort((a, b) => byTime(b, a));
  const waiting = all.filter(isHere);
  const chosen = kind === "waiting" ? waiting : all.filter((one) => !kind || text(one.data.kind) === kind);
  const title = only && nameOf(only.collection, only.id);
  return (
    <div class="all-photos stack">
      <div>
        <h1>Photos</h1>
        <p class="soft number" role="status">
          {[title, `${chosen.length} ${chosen.length === 1 ? "photo" : "photos"}`]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      {all.length > 0 ? (
        <Kinds all={all} waiting={waiting.length} kind={kind} onKind={setKind} />
      ) : (
        <NoPhotos />
      )}
      <Days photos={chosen} />
    </div>
  );
}

function NoPhotos() {
  return (
    <Empty
      icon="camera"
      title="No photos here yet"
      action={
        may("c", "photo") && (
          <button type="button" class="button main" onClick={() => (cameraFor.value = "ask")}>
            <Icon name="camera" /> Take one
          </button>
        )
      }
    >
      Photos of your work are on this phone, also without a network.
    </Empty>
  );
}

interface KindsProps {
  all: Shown[];
  waiting: number;
  kind: string;
  onKind: (kind: string) => void;
}

function Kinds({ all, waiting, kind, onKind }: KindsProps) {
  const count = (one: string) => all.filter((photo) => text(photo.data.kind) === one).length;
  const chips: [key: string, words: string, count: number][] = [
    ["", "All", all.length],
    ["waiting", "Not at the shop", waiting],
    ...KINDS.map((one): [string, string, number] => [one, word(`photo.${one}`), count(one)]),
  ];
  return (
    <fieldset class="chips" aria-label="Show photos by kind">
      {chips
        .filter(([key, , many]) => many > 0 || key === kind)
        .map(([key, words, many]) => (
          <button
            key={key}
            type="button"
            class="chip"
            aria-pressed={key === kind}
            onClick={() => onKind(key)}
          >
            {words} <span class="count">{many}</span>
          </button>
        ))}
    </fieldset>
  );
}
