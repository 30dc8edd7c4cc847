/** The chip that is always in sight: how far everything on this phone is. It opens the sync sheet. */
import { computed, effect, signal } from "@preact/signals";
import type { SyncState } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { overall, records } from "../live";
import { fileState, filesOverall } from "../photos/media";
import { SYNC_ICONS, syncWords } from "../syncwords";
import { type Counts, countsOf, stateOfRest } from "./overall";

export const sheetOpen = signal(false);

/** The most that waited since all was last sent: what "sending 40 %" is a share of. */
const peak = signal(0);
effect(() => {
  const waiting = overall.value?.waiting ?? 0;
  peak.value = waiting === 0 ? 0 : Math.max(peak.peek(), waiting);
});

/** The overall state in the same four words as each item's. */
export const overallState = computed<SyncState>(() => {
  const all = overall.value;
  if (!all) return { is: "shop", at: null };
  const needsYou = all.needsYou + (filesOverall.value?.needsYou ?? 0);
  return needsYou > 0 ? { is: "needs_you", reason: "", code: "" } : restState.value;
});

/** How far everything is beside what needs the person. */
export const restState = computed<SyncState>(() => {
  const all = overall.value;
  return all ? stateOfRest(all, filesOverall.value, peak.value) : { is: "shop", at: null };
});

/** All that waits, photos included. */
export const counts = computed<Counts>(() => {
  const [all, files] = [overall.value, filesOverall.value];
  if (!all) return { waiting: 0, needsYou: 0 };
  const both = files?.waiting
    ? records("photo").filter(
        (one) => one.fresh && ["phone", "sending"].includes(fileState(one.id)?.is ?? ""),
      )
    : [];
  return countsOf(all, files, both.length);
});

export function SyncChip() {
  const state = overallState.value;
  const all = overall.value;
  const { needsYou, waiting } = counts.value;
  const count = state.is === "needs_you" ? needsYou : state.is === "phone" ? waiting : 0;
  return (
    <>
      <button
        type="button"
        class={`sync sync-chip ${state.is}`}
        data-testid="sync-chip"
        onClick={() => (sheetOpen.value = true)}
      >
        <Icon name={all?.trouble === "offline" && state.is === "shop" ? "offline" : SYNC_ICONS[state.is]} />
        <span class="hidden-label">Sync: </span>
        <span>
          {count ? `${count} ` : ""}
          {syncWords(state)}
        </span>
      </button>
      <Told words={state.is === "shop" ? "at the shop" : syncWords(state)} />
    </>
  );
}

/** Says a new state aloud once; the time in the chip changes with every contact and is not read out. */
function Told({ words }: { words: string }) {
  return (
    <span class="hidden-label" aria-live="polite">
      {words}
    </span>
  );
}
