/**
 * Photos one by one, as large as the screen: swiped or stepped through, zoomed into, with all that is known of each.
 *
 * All have a place in a row that snaps, and only the one in sight and its neighbours have a picture in it.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Shown } from "../../../sync/types";
import { Full } from "../../../ui/full";
import { Icon } from "../../../ui/icons";
import { wide } from "../../../ui/wide";
import { me, record } from "../../live";
import { caption, kindWord } from "../source";
import { About } from "./about";
import { Actions } from "./actions";
import { viewed } from "./open";
import { FROM_WORDS, type From, Picture } from "./picture";
import { useZoom, ZOOM_STEP, type Zoom } from "./zoom";

const close = () => {
  viewed.value = null;
};

/** A photo that was deleted, or is no longer one's to see, is stepped over. */
export function Viewer() {
  const open = viewed.value;
  const photos = (open?.ids ?? []).flatMap((id) => record("photo", id) ?? []);
  useEffect(() => {
    if (open && photos.length === 0) close();
  }, [photos.length]);
  return open && photos.length ? <Open photos={photos} first={open.at} /> : null;
}

function Open({ photos, first }: { photos: Shown[]; first: string }) {
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      photos.findIndex((one) => one.id === first),
    ),
  );
  const [from, setFrom] = useState<From>("preview");
  const [told, tell] = useState(false);
  const zoom = useRef<Zoom | null>(null);
  const row = useRef<HTMLUListElement>(null);
  const place = Math.min(at, photos.length - 1);
  const photo = photos[place] as Shown;
  const staff = me.value.kind === "staff";
  const go = (to: number) => {
    const next = Math.max(0, Math.min(photos.length - 1, to));
    setAt(next);
    scrollToPlace(row.current, next, "smooth");
  };
  const latest = useRef(place);
  latest.current = place;
  // Whenever the row gets its width: when the dialog opens, when the phone is turned, when the panel comes or goes.
  useEffect(() => {
    const sized = new ResizeObserver(() => scrollToPlace(row.current, latest.current, "instant"));
    if (row.current) sized.observe(row.current);
    return () => sized.disconnect();
  }, []);
  useEffect(() => scrollToPlace(row.current, place, "instant"), [photos.length]);
  const keys: Record<string, () => void> = {
    ArrowRight: () => go(place + 1),
    ArrowLeft: () => go(place - 1),
    Home: () => go(0),
    End: () => go(photos.length - 1),
    "+": () => zoom.current?.by(1.5),
    "=": () => zoom.current?.by(1.5),
    "-": () => zoom.current?.by(1 / 1.5),
    "0": () => zoom.current?.by(0),
  };
  const press = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).closest("input, textarea, select")) return;
    const run = keys[event.key];
    if (!run || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    run();
  };
  return (
    <Full label={`Photo ${place + 1} of ${photos.length}`} kind="viewer" onClose={close} onKeyDown={press}>
      <header class="full-head">
        <button type="button" class="button icon-only on-dark" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
        <span class="grow clip number" aria-live="polite">
          {kindWord(photo)} <span class="soft">{`${place + 1} of ${photos.length}`}</span>
        </span>
        <button
          type="button"
          class="button icon-only on-dark"
          aria-label="Zoom"
          onClick={() => zoom.current?.by(zoom.current.zoomed ? 0 : ZOOM_STEP)}
        >
          <Icon name="zoom" />
        </button>
      </header>
      <div class="viewer-stage">
        <ul
          class="slides"
          ref={row}
          onScroll={() => setAt(placeOf(row.current, place))}
          aria-label="Photos"
          tabIndex={-1}
        >
          {photos.map((one, i) => (
            <li key={one.id} class="slide" aria-hidden={i !== place}>
              {Math.abs(i - place) <= 1 && (
                <Slide
                  photo={one}
                  active={i === place}
                  onFrom={setFrom}
                  onZoom={(made) => {
                    zoom.current = made;
                  }}
                />
              )}
            </li>
          ))}
        </ul>
        <Step to="back" label="Previous photo" disabled={place === 0} onClick={() => go(place - 1)} />
        <Step
          to="forward"
          label="Next photo"
          disabled={place === photos.length - 1}
          onClick={() => go(place + 1)}
        />
        <p class="viewer-from small">{FROM_WORDS[from]}</p>
      </div>
      <footer class="viewer-foot">
        {!wide.value && <p class="clip-2 viewer-caption">{caption(photo)}</p>}
        <Actions photo={photo} staff={staff} told={told} onTell={() => tell(!told)} />
      </footer>
      {(wide.value || told) && (
        <About key={photo.id} photo={photo} staff={staff} onClose={() => tell(false)} />
      )}
    </Full>
  );
}

interface SlideProps {
  photo: Shown;
  active: boolean;
  onFrom: (from: From) => void;
  onZoom: (zoom: Zoom) => void;
}

function Slide({ photo, active, onFrom, onZoom }: SlideProps) {
  const zoom = useZoom(active);
  if (active) onZoom(zoom);
  return (
    <div class={`zoom-stage ${zoom.zoomed ? "is-zoomed" : ""}`}>
      <div class="zoom-frame" ref={zoom.frame}>
        <Picture photo={photo} large={active} onFrom={active ? onFrom : undefined} />
      </div>
    </div>
  );
}

interface StepProps {
  to: "back" | "forward";
  label: string;
  disabled: boolean;
  onClick: () => void;
}

function Step({ to, label, disabled, onClick }: StepProps) {
  return (
    <button
      type="button"
      class={`step-button on-dark is-${to}`}
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={to} />
    </button>
  );
}

function scrollToPlace(row: HTMLElement | null, place: number, behavior: ScrollBehavior): void {
  row?.scrollTo({ left: place * row.clientWidth, behavior: calm() ? "instant" : behavior });
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The photo that fills most of the row; while one is scrolled to by a button, that one is the nearest soon enough. */
function placeOf(row: HTMLElement | null, before: number): number {
  if (!row?.clientWidth) return before;
  const exact = row.scrollLeft / row.clientWidth;
  return Math.abs(exact - Math.round(exact)) < 0.1 ? Math.round(exact) : before;
}
