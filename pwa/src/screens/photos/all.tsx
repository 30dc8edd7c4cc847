/**
 * All photos on this phone by day, newest first; or those of one customer, one machine or one work order.
 *
 * A thousand of them are drawn a few rows a frame, and what is out of sight costs nothing (`content-visibility`).
 */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { first, text } from "../../ui/data";
import { Empty } from "../../ui/empty";
import { longDay, nearDay } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { query } from "../../ui/router";
import { word } from "../../ui/words";
import { record, records } from "../live";
import { may } from "../rights";
import { customerName, equipmentName } from "../work/facts";
import { cameraFor, KINDS } from "./camera/open";
import { fileState } from "./media";
import { byTime, takenAt } from "./source";
import { Tile } from "./tile";
import { view } from "./viewer/open";

const FEW = 48;

interface Only {
  customer: string;
  equipment: string;
}

function asked(): Only {
  const given = new URLSearchParams(query.value);
  return { customer: given.get("customer") ?? "", equipment: given.get("equipment") ?? "" };
}

function belongs(photo: Shown, { customer, equipment }: Only): boolean {
  if (!customer && !equipment) return true;
  const order = record("work_order", photo.data.work_order)?.data;
  if (customer) return order?.customer === customer;
  return photo.data.equipment === equipment || order?.equipment === equipment;
}

const titleOf = ({ customer, equipment }: Only): string =>
  first(
    customer && customerName(record("customer", customer)?.data),
    equipment && equipmentName(record("equipment", equipment)?.data),
  );

export function AllPhotos() {
  const only = asked();
  const [kind, setKind] = useState("");
  const all = records("photo")
    .filter((one) => belongs(one, only))
    .sort((a, b) => byTime(b, a));
  const waiting = all.filter((one) =>
    ["phone", "sending", "needs_you"].includes(fileState(one.id)?.is ?? ""),
  );
  const chosen = kind === "waiting" ? waiting : all.filter((one) => !kind || text(one.data.kind) === kind);
  const title = titleOf(only);
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

interface Group {
  title: string;
  photos: Shown[];
}

function byDay(photos: Shown[], now: number): Group[] {
  const groups: Group[] = [];
  for (const photo of photos) {
    const near = nearDay(takenAt(photo), now);
    const title = near === 0 ? "Today" : near === -1 ? "Yesterday" : longDay(takenAt(photo));
    const last = groups.at(-1);
    if (last?.title === title) last.photos.push(photo);
    else groups.push({ title, photos: [photo] });
  }
  return groups;
}

/** Drawn a few at a time, so that no frame waits for a thousand. */
function Days({ photos }: { photos: Shown[] }) {
  const [many, setMany] = useState(FEW);
  useEffect(() => {
    if (many >= photos.length) return;
    const next = requestAnimationFrame(() => setMany(many + FEW));
    return () => cancelAnimationFrame(next);
  }, [many, photos.length]);
  const ids = photos.map((one) => one.id);
  const pieces = byDay(photos.slice(0, many), Date.now()).flatMap(({ title, photos: some }) =>
    pieced(some).map((piece, i) => ({ title: i === 0 ? title : "", piece })),
  );
  return (
    <div class="days">
      {pieces.map(({ title, piece }) => (
        <Piece key={piece[0]?.id} title={title} photos={piece} onOpen={(id) => view(ids, id)} />
      ))}
    </div>
  );
}

function pieced(photos: Shown[]): Shown[][] {
  const pieces: Shown[][] = [];
  for (let i = 0; i < photos.length; i += FEW) pieces.push(photos.slice(i, i + FEW));
  return pieces;
}

interface PieceProps {
  title: string;
  photos: Shown[];
  onOpen: (id: string) => void;
}

/** Drawn again only when one of its records is another: the list around it grows every frame at first. */
function Piece({ title, photos, onOpen }: PieceProps) {
  return useMemo(
    () => (
      <section aria-label={title || undefined}>
        {title && <h2 class="group-title">{title}</h2>}
        <ul class="gallery dense">
          {photos.map((photo) => (
            <Tile key={photo.id} photo={photo} staff dense onOpen={() => onOpen(photo.id)} />
          ))}
        </ul>
      </section>
    ),
    [title, ...photos, ...Array(FEW - photos.length)],
  );
}
