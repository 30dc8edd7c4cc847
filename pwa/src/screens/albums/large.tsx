/** Pictures of an album one by one, as large as the screen: swiped or stepped through, zoomed into, with what was drawn on them. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { dayAndTime } from "../../ui/format";
import { Full } from "../../ui/full";
import { Icon } from "../../ui/icons";
import { DrawingOverlay } from "../photos/drawing/overlay";
import { useZoom, ZOOM_STEP, type Zoom } from "../photos/viewer/zoom";
import { albumPath, type Picture } from "./fetch";
import { captionOf, kindOf } from "./grid";

interface Props {
  token: string;
  photos: Picture[];
  first: number;
  onStale: () => void;
  onClose: () => void;
}

export function Large({ token, photos, first, onStale, onClose }: Props) {
  const [at, setAt] = useState(first);
  const zoom = useRef<Zoom | null>(null);
  const row = useRef<HTMLUListElement>(null);
  const last = photos.length - 1;
  const photo = photos[at] ?? photos[0];
  const go = (to: number) => {
    const next = Math.max(0, Math.min(last, to));
    setAt(next);
    moveTo(row.current, next, "smooth");
  };
  useLayoutEffect(() => moveTo(row.current, at, "instant"), []);
  useEffect(() => {
    const hear = () => moveTo(row.current, at, "instant");
    addEventListener("resize", hear);
    return () => removeEventListener("resize", hear);
  }, [at]);
  const keys: Record<string, () => void> = {
    ArrowRight: () => go(at + 1),
    ArrowLeft: () => go(at - 1),
    Home: () => go(0),
    End: () => go(last),
    "+": () => zoom.current?.by(1.5),
    "-": () => zoom.current?.by(1 / 1.5),
    "0": () => zoom.current?.by(0),
  };
  const press = (event: KeyboardEvent) => {
    const run = keys[event.key];
    if (!run || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    run();
  };
  if (!photo) return null;
  return (
    <Full
      label={`Photo ${at + 1} of ${photos.length}`}
      kind="viewer album-large"
      onClose={onClose}
      onKeyDown={press}
    >
      <header class="full-head">
        <button type="button" class="button icon-only on-dark" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
        <span class="grow clip number" aria-live="polite">
          {kindOf(photo)} <span class="soft">{`${at + 1} of ${photos.length}`}</span>
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
        <ul class="slides" ref={row} onScroll={() => setAt(placeOf(row.current, at))} tabIndex={-1}>
          {photos.map((one, i) => (
            <li key={one.id} class="slide" aria-hidden={i !== at}>
              {Math.abs(i - at) <= 1 && (
                <Slide
                  token={token}
                  photo={one}
                  active={i === at}
                  onStale={onStale}
                  onZoom={(made) => {
                    zoom.current = made;
                  }}
                />
              )}
            </li>
          ))}
        </ul>
        <Step to="back" label="Previous photo" disabled={at === 0} onClick={() => go(at - 1)} />
        <Step to="forward" label="Next photo" disabled={at === last} onClick={() => go(at + 1)} />
      </div>
      <footer class="viewer-foot">
        <p class="clip-2 viewer-caption">{captionOf(photo)}</p>
        <p class="viewer-caption small number">{photo.taken_at !== null && dayAndTime(photo.taken_at)}</p>
      </footer>
    </Full>
  );
}

interface SlideProps {
  token: string;
  photo: Picture;
  active: boolean;
  onStale: () => void;
  onZoom: (zoom: Zoom) => void;
}

/** The small picture stands behind until the large one has come, so that nothing jumps and nothing is empty. */
function Slide({ token, photo, active, onStale, onZoom }: SlideProps) {
  const zoom = useZoom(active);
  const [ratio, setRatio] = useState(4 / 3);
  const [bad, setBad] = useState(false);
  if (active) onZoom(zoom);
  const url = `${albumPath(token)}/${photo.id}`;
  if (bad)
    return (
      <div class="no-picture large">
        <Icon name="photo" />
        <span>This picture could not be fetched: the network is gone, or it is no longer shared.</span>
        <button type="button" class="button on-dark" onClick={onStale}>
          Look again
        </button>
      </div>
    );
  return (
    <div class={`zoom-stage ${zoom.zoomed ? "is-zoomed" : ""}`}>
      <div class="zoom-frame" ref={zoom.frame}>
        <div class="picture" style={{ "--ratio": ratio }}>
          <img
            src={`${url}/display`}
            alt={captionOf(photo)}
            draggable={false}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              naturalWidth && setRatio(naturalWidth / naturalHeight)
            }
            onError={() => setBad(true)}
          />
          <DrawingOverlay drawing={photo.drawing} ratio={ratio} />
        </div>
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

function moveTo(row: HTMLElement | null, place: number, behavior: ScrollBehavior): void {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  row?.scrollTo({ left: place * row.clientWidth, behavior: calm ? "instant" : behavior });
}

/** The picture that fills the row; `before` while one is on its way to another. */
function placeOf(row: HTMLElement | null, before: number): number {
  if (!row?.clientWidth) return before;
  const exact = row.scrollLeft / row.clientWidth;
  return Math.abs(exact - Math.round(exact)) < 0.1 ? Math.round(exact) : before;
}
