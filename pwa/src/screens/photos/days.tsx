/**
 * Photos by day. Of a thousand only those near what is seen are in the page, in rows whose places are reckoned (`rows.ts`),
 * so that no frame waits for the others.
 */
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { longDay, nearDay } from "../../ui/format";
import { between, type Grid, gridOf, heightOf, type Row, rowsOf, type Span, towards } from "./rows";
import { takenAt } from "./source";
import { Tile } from "./tile";
import { view } from "./viewer/open";

/** The narrowest tile, what is between two, and the line of a day in rem: as in photos.css. */
const LEAST = 100;
const GAP = 8;
const TITLE_REM = 2.75;
/** So much of a screen is drawn above and below what is seen. */
const BEYOND = 0.75;

export function Days({ photos }: { photos: Shown[] }) {
  const room = useRef<HTMLDivElement>(null);
  const [grid, setGrid] = useState<Grid | null>(null);
  const rows = useMemo(() => {
    const now = Date.now();
    return grid ? rowsOf(photos, grid, (one) => titleOf(takenAt(one), now)) : [];
  }, [photos, grid]);
  const [from, to] = useSeen(room, rows);
  const latest = useRef(photos);
  latest.current = photos;
  const open = useMemo(
    () => (id: string) =>
      view(
        latest.current.map((one) => one.id),
        id,
      ),
    [],
  );
  useLayoutEffect(() => {
    const element = room.current as HTMLDivElement;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    const measure = () => setGrid(gridOf(element.clientWidth, LEAST, GAP, TITLE_REM * rem));
    measure();
    const seen = new ResizeObserver(measure);
    seen.observe(element);
    return () => seen.disconnect();
  }, []);
  let before = 0;
  for (const row of rows.slice(0, from)) before += row.photos.length;
  return (
    <div ref={room} class="days" style={{ height: `${heightOf(rows)}px` }}>
      {rows.slice(from, to).map((row) => {
        const place = before;
        before += row.photos.length;
        return (
          <RowOfDay
            key={row.photos[0]?.id}
            row={row}
            columns={grid?.columns ?? 1}
            place={place}
            of={photos.length}
            onOpen={open}
          />
        );
      })}
    </div>
  );
}

/**
 * Which rows are in the page: those near what is seen, whatever it is that scrolls. A frame draws one row more and no
 * other, so after a long jump the rows that are seen come first, one a frame, and no frame waits for all of them.
 */
function useSeen(room: { current: HTMLDivElement | null }, rows: Row[]): Span {
  const [seen, setSeen] = useState<Span>([0, 0]);
  const latest = useRef(rows);
  latest.current = rows;
  const { ask, stop } = useMemo(() => {
    let asked = 0;
    const ask = () => {
      asked ||= requestAnimationFrame(look);
    };
    const look = () => {
      asked = 0;
      const top = -(room.current?.getBoundingClientRect().top ?? 0);
      const beyond = innerHeight * BEYOND;
      const all = latest.current;
      const wanted = between(all, top - beyond, top + innerHeight + beyond);
      const inView = between(all, top, top + innerHeight);
      setSeen((was) => {
        const next = towards(was, wanted, inView);
        if (next[0] !== wanted[0] || next[1] !== wanted[1]) ask();
        return next[0] === was[0] && next[1] === was[1] ? was : next;
      });
    };
    return { ask, stop: () => cancelAnimationFrame(asked) };
  }, []);
  useLayoutEffect(ask, [rows]);
  useLayoutEffect(() => {
    addEventListener("scroll", ask, { capture: true, passive: true });
    addEventListener("resize", ask);
    return () => {
      removeEventListener("scroll", ask, { capture: true });
      removeEventListener("resize", ask);
      stop();
    };
  }, []);
  return seen;
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

interface RowProps {
  row: Row;
  columns: number;
  /** How many photos are before these, of how many: a screen reader says so although the others are not in the page. */
  place: number;
  of: number;
  onOpen: (id: string) => void;
}

/** Drawn again only when one of its records is another. */
function RowOfDay({ row: { title, photos, top, height }, columns, place, of, onOpen }: RowProps) {
  return useMemo(
    () => (
      <section aria-label={title || undefined} style={{ top: `${top}px`, height: `${height}px` }}>
        {title && <h2 class="group-title">{title}</h2>}
        <ul class="gallery dense" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
          {photos.map((photo, at) => (
            <Tile
              key={photo.id}
              photo={photo}
              staff
              dense
              place={[place + at + 1, of]}
              onOpen={() => onOpen(photo.id)}
            />
          ))}
        </ul>
      </section>
    ),
    [title, top, height, columns, place, of, ...padded(photos, columns)],
  );
}

/** Always as many as a row can have. */
const padded = (photos: Shown[], columns: number) => [
  ...photos,
  ...Array<null>(Math.max(0, columns - photos.length)).fill(null),
];
