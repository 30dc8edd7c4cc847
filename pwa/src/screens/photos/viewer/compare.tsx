/** Before and after, one over the other, with a handle to draw across: by finger, mouse or the arrow keys. */
import { useState } from "preact/hooks";
import type { Shown } from "../../../sync/types";
import { day } from "../../../ui/format";
import { Full } from "../../../ui/full";
import { Icon } from "../../../ui/icons";
import { word } from "../../../ui/words";
import { record } from "../../live";
import { pairOf } from "../pair";
import { caption, kindWord, takenAt } from "../source";
import { Thumb } from "../tile";
import { compared } from "./open";
import { useSource } from "./picture";

const close = () => {
  compared.value = null;
};

export function Compare() {
  const photos = (compared.value?.ids ?? []).flatMap((id) => record("photo", id) ?? []);
  const pair = pairOf(photos);
  const [left, setLeft] = useState<string | null>(null);
  const [right, setRight] = useState<string | null>(null);
  const before = pair?.before.find((one) => one.id === left) ?? pair?.before[0];
  const after = pair?.after.find((one) => one.id === right) ?? pair?.after[0];
  if (!pair || !before || !after) return null;
  return (
    <Full label="Before and after" kind="compare" onClose={close}>
      <header class="full-head">
        <button type="button" class="button icon-only on-dark" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
        <span class="grow clip">Before and after</span>
      </header>
      <Slider key={`${before.id}${after.id}`} before={before} after={after} />
      <footer class="compare-choices">
        <Choices label={word("photo.before")} photos={pair.before} at={before.id} onChoose={setLeft} />
        <Choices label={word("photo.after")} photos={pair.after} at={after.id} onChoose={setRight} />
      </footer>
    </Full>
  );
}

function Slider({ before, after }: { before: Shown; after: Shown }) {
  const [share, setShare] = useState(50);
  const [ratio, setRatio] = useState(4 / 3);
  const [one, other] = [useSource(before, true), useSource(after, true)];
  const measure = ({ currentTarget: { naturalWidth, naturalHeight } }: { currentTarget: HTMLImageElement }) =>
    naturalWidth && setRatio(naturalWidth / naturalHeight);
  return (
    <div class="compare-stage">
      <div class="compare-frame" style={{ "--ratio": ratio, "--share": `${share}%` }}>
        {other.url && <img src={other.url} alt={`After: ${caption(after)}`} onError={other.failed} />}
        {one.url && (
          <img
            class="over"
            src={one.url}
            alt={`Before: ${caption(before)}`}
            onLoad={measure}
            onError={one.failed}
          />
        )}
        <Label side="left" photo={before} />
        <Label side="right" photo={after} />
        <span class="compare-line" aria-hidden="true">
          <i>
            <Icon name="back" />
            <Icon name="forward" />
          </i>
        </span>
        <input
          type="range"
          min="0"
          max="100"
          value={share}
          aria-label="How much of the photo before is shown"
          aria-valuetext={`${share} % before, ${100 - share} % after`}
          onInput={(event) => setShare(Number(event.currentTarget.value))}
        />
      </div>
    </div>
  );
}

function Label({ side, photo }: { side: "left" | "right"; photo: Shown }) {
  return (
    <span class={`compare-label is-${side}`}>
      {kindWord(photo)} <span class="number">{day(takenAt(photo))}</span>
    </span>
  );
}

interface ChoicesProps {
  label: string;
  photos: Shown[];
  at: string;
  onChoose: (id: string) => void;
}

function Choices({ label, photos, at, onChoose }: ChoicesProps) {
  if (photos.length < 2) return null;
  return (
    <fieldset class="compare-row" aria-label={`Which photo for ${label.toLowerCase()}`}>
      <span class="small">{label}</span>
      {photos.map((one, i) => (
        <button
          key={one.id}
          type="button"
          class="strip-shot"
          aria-pressed={one.id === at}
          aria-label={`${label} ${i + 1}: ${caption(one)}`}
          onClick={() => onChoose(one.id)}
        >
          <Thumb photo={one} />
        </button>
      ))}
    </fieldset>
  );
}
