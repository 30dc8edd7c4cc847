/**
 * Photos by day. A thousand of them are drawn a few rows at a time as they come near, and what is far out of sight
 * costs nothing (`content-visibility`), so that no frame waits for them.
 */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { longDay, nearDay } from "../../ui/format";
import { takenAt } from "./source";
import { Tile } from "./tile";
import { view } from "./viewer/open";

/** So many make a piece: whole rows of two, three, four and six. */
const FEW = 24;
const NEAR = "1500px";

export function Days({ photos }: { photos: Shown[] }) {
  const [most, setMost] = useState(FEW);
  const ids = photos.map((one) => one.id);
  const latest = useRef(ids);
  latest.current = ids;
  const open = useMemo(() => (id: string) => view(latest.current, id), []);
  return (
    <div class="days">
      {pieces(photos.slice(0, most), Date.now()).map(({ title, photos: piece }) => (
        <Piece key={piece[0]?.id} title={title} photos={piece} onOpen={open} />
      ))}
      {most < photos.length && <More at={most} onNear={setMost} />}
    </div>
  );
}

/** The end of what is drawn: when it comes near, more is. */
function More({ at, onNear }: { at: number; onNear: (most: number) => void }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const seen = new IntersectionObserver(
      ([one]) => {
        if (one?.isIntersecting) onNear(at + FEW);
      },
      { rootMargin: NEAR },
    );
    if (end.current) seen.observe(end.current);
    return () => seen.disconnect();
  }, [at]);
  return <div ref={end} class="days-end" />;
}

interface PieceOfDay {
  /** Empty where it goes on with the day above. */
  title: string;
  photos: Shown[];
}

function pieces(photos: Shown[], now: number): PieceOfDay[] {
  const found: PieceOfDay[] = [];
  let day = "";
  for (const photo of photos) {
    const title = titleOf(takenAt(photo), now);
    const last = found.at(-1);
    if (last && title === day && last.photos.length < FEW) last.photos.push(photo);
    else found.push({ title: title === day ? "" : title, photos: [photo] });
    day = title;
  }
  return found;
}

const QUARTER_MS = 15 * 60_000;
const titles = new Map<string, string>();

/** Days begin at a quarter of an hour in every zone, and the names of a thousand are not asked for one by one. */
function titleOf(ms: number, now: number): string {
  const key = `${Math.floor(ms / QUARTER_MS)} ${Math.floor(now / QUARTER_MS)}`;
  let title = titles.get(key);
  if (title === undefined) {
    const near = nearDay(ms, now);
    title = near === 0 ? "Today" : near === -1 ? "Yesterday" : longDay(ms);
    titles.set(key, title);
  }
  return title;
}

interface PieceProps extends PieceOfDay {
  onOpen: (id: string) => void;
}

/** Drawn again only when one of its records is another. */
function Piece({ title, photos, onOpen }: PieceProps) {
  const room = [...photos, ...Array<null>(FEW - photos.length).fill(null)];
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
    [title, ...room],
  );
}
