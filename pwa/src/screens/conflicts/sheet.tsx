/** The conflict sheet: both versions with who, when, on which device; one tap keeps one, or both. */
import { signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Data, Shown } from "../../sync/types";
import { text } from "../../ui/data";
import { stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { Sheet } from "../../ui/sheet";
import { toast } from "../../ui/toast";
import { capital, inner } from "../../ui/words";
import { act } from "../act";
import { must, record } from "../live";
import { DrawingSide } from "../photos/drawing/side";
import { joined, type Side, sidesOf, valueWords } from "./sides";

/** The conflict whose sheet is open, if any. */
export const conflictOpen = signal<string | null>(null);

const close = () => {
  conflictOpen.value = null;
};

export function ConflictSheet() {
  const conflict = record("conflict", conflictOpen.value);
  return conflict ? <Choice key={conflict.id} conflict={conflict} /> : null;
}

/** The form is taken when the sheet opens: its base covers both sides, so that the choice closes the conflict. */
function Choice({ conflict }: { conflict: Shown }) {
  const about = text(conflict.data.record);
  const form = useMemo(() => must().form(about), [about]);
  const sides = sidesOf(conflict);
  const both = joined(sides);
  const field = inner(text(conflict.data.field));
  const keep = async (set: Data) => {
    const done = await act(
      [{ op: "patch", collection: text(conflict.data.collection), id: about, set, form }],
      `${capital(field)} settled`,
    );
    if (done) close();
  };
  if (conflict.data.open !== true) {
    close();
    toast("Somebody else has already settled this.");
    return null;
  }
  return (
    <Sheet title={`Which ${field} is right?`} onClose={close}>
      <p class="soft">
        Two people wrote this without seeing each other's words. Nothing is lost: keep one, or both.
      </p>
      {sides.map((side) => (
        <SideCard
          key={`${side.who}${side.at}`}
          side={side}
          about={about}
          onKeep={() => void keep(side.value)}
        />
      ))}
      {both && (
        <button type="button" class="button main wide" onClick={() => void keep(both)}>
          <Icon name="split" /> Keep both
        </button>
      )}
    </Sheet>
  );
}

function SideCard({ side, about, onKeep }: { side: Side; about: string; onKeep: () => void }) {
  const told = [side.at !== null && stamp(side.at), side.device].filter(Boolean).join(" · ");
  return (
    <section class="card side" aria-label={`Version: ${side.who}`}>
      <div class="row wrap small">
        <strong>{side.who}</strong>
        <span class="soft number grow">{told}</span>
        {side.stands && <span class="tag">stands now</span>}
      </div>
      {"drawing" in side.value ? (
        <DrawingSide photo={about} drawing={side.value.drawing} />
      ) : (
        <p class="kept-lines">{valueWords(side.value)}</p>
      )}
      <button type="button" class="button tinted wide" onClick={onKeep}>
        Keep this one
      </button>
    </section>
  );
}
