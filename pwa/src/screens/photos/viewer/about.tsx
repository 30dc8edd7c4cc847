/** All that is known of one photo, and what can be changed of it: at a desk beside it, on a phone in a sheet. */
import { useMemo } from "preact/hooks";
import type { Form, Shown } from "../../../sync/types";
import { num, orNull, text } from "../../../ui/data";
import { Dictate } from "../../../ui/dictate";
import { useDraft } from "../../../ui/draft";
import { AreaField, ChipField } from "../../../ui/field";
import { bytes, dayAndTime } from "../../../ui/format";
import { Icon } from "../../../ui/icons";
import { Sheet } from "../../../ui/sheet";
import { wide } from "../../../ui/wide";
import { word } from "../../../ui/words";
import { act, patch } from "../../act";
import { Fact } from "../../customers/card";
import { openHistory } from "../../history/open";
import { must, record, shop } from "../../live";
import { may } from "../../rights";
import { authorOf } from "../../work/notes";
import { KINDS } from "../camera/open";
import { drawingWords, shapesOf } from "../drawing/shapes";
import { caption, kindWord } from "../source";
import { PhotoSync } from "../sync";

interface Props {
  photo: Shown;
  staff: boolean;
  onClose: () => void;
}

export function About(props: Props) {
  if (!wide.value)
    return (
      <Sheet title={kindWord(props.photo)} onClose={props.onClose}>
        <Inside {...props} />
      </Sheet>
    );
  return (
    <aside class="viewer-about" aria-label="About this photo">
      <Inside {...props} />
    </aside>
  );
}

function Inside({ photo, staff, onClose }: Props) {
  const mayChange = staff && may("u", "photo", photo);
  return (
    <>
      {staff && (
        <p class="stack-tight">
          <PhotoSync photo={photo} why />
        </p>
      )}
      {mayChange ? <Note photo={photo} /> : <p class="kept-lines">{caption(photo)}</p>}
      {mayChange && (
        <ChipField
          label="What it shows"
          value={text(photo.data.kind)}
          onInput={(kind) =>
            void act([patch("photo", photo.id, { kind })], `Now ${word(`photo.${kind}`).toLowerCase()}`)
          }
          options={KINDS.map((value) => ({ value, label: word(`photo.${value}`) }))}
        />
      )}
      <Facts photo={photo} staff={staff} />
      {staff && <Rest photo={photo} onClose={onClose} />}
    </>
  );
}

interface Kept {
  form: Form;
  words: string;
}

/** The form is taken when typing begins, so that what somebody else writes meanwhile is not overwritten. */
function Note({ photo }: { photo: Shown }) {
  const before = text(photo.data.note);
  const draft = useDraft<Kept | null>(`photo.note.${photo.id}`, () => null);
  const words = draft.value.value?.words ?? before;
  const setWords = (typed: string) =>
    draft.set({ form: draft.value.value?.form ?? must().form(photo.id), words: typed });
  const save = async () => {
    const { form } = draft.value.value ?? {};
    const set = { note: orNull(words) };
    if (await act([{ op: "patch", collection: "photo", id: photo.id, set, form }], "Note saved"))
      draft.clear();
  };
  return (
    <div class="stack-tight">
      <AreaField label="Note" rows={2} value={words} onInput={setWords} hint={VISIBLE} />
      <div class="row">
        <Dictate value={words} onInput={setWords} />
        {words.trim() !== before.trim() && (
          <button type="button" class="button main grow" onClick={() => void save()}>
            Save note
          </button>
        )}
      </div>
    </div>
  );
}

const VISIBLE = "Whoever sees the photo reads it, the customer too.";

function Facts({ photo, staff }: Omit<Props, "onClose">) {
  const { data } = photo;
  const taken = num(data.taken_at);
  const who = authorOf(photo);
  const size = num(data.bytes);
  return (
    <dl class="facts">
      {taken !== null && <Fact name="Taken" value={dayAndTime(taken)} />}
      {staff && who && <Fact name="By" value={who} />}
      {staff && <Order photo={photo} />}
      {staff && <Place position={data.position} />}
      {shapesOf(data.drawing).length > 0 && <Fact name="Drawn" value={drawingWords(data.drawing)} />}
      {staff && size !== null && <Fact name="Size" value={bytes(size)} />}
    </dl>
  );
}

function Order({ photo }: { photo: Shown }) {
  const number = text(record("work_order", photo.data.work_order)?.data.number);
  return number ? <Fact name={word("work_order")} value={number} /> : null;
}

const E7 = 10_000_000;

/** Only where the shop shows positions at all. */
function Place({ position }: { position: unknown }) {
  const { lat_e7, lng_e7, accuracy_m } = (position ?? {}) as Record<string, unknown>;
  const [lat, lng] = [num(lat_e7), num(lng_e7)];
  if (shop.value.show_position !== true || lat === null || lng === null) return null;
  const where = `${(lat / E7).toFixed(5)}, ${(lng / E7).toFixed(5)}`;
  return (
    <>
      <dt>Where</dt>
      <dd>
        <a
          class="fact-tap"
          href={`https://www.openstreetmap.org/?mlat=${lat / E7}&mlon=${lng / E7}#map=17/${lat / E7}/${lng / E7}`}
          target="_blank"
          rel="noreferrer"
        >
          {where}
          {num(accuracy_m) !== null && ` ± ${num(accuracy_m)} m`}
        </a>
      </dd>
    </>
  );
}

function Rest({ photo, onClose }: { photo: Shown; onClose: () => void }) {
  const form = useMemo(() => must().form(photo.id), [photo.id]);
  const remove = async () => {
    if (await act([{ op: "delete", collection: "photo", id: photo.id, form }], "Photo deleted")) onClose();
  };
  return (
    <div class="row wrap">
      {!photo.fresh && (
        <button type="button" class="button grow" onClick={() => openHistory("photo", photo.id)}>
          <Icon name="history" /> History
        </button>
      )}
      {may("d", "photo", photo) && (
        <button type="button" class="button grow" onClick={() => void remove()}>
          <Icon name="trash" /> Delete
        </button>
      )}
    </div>
  );
}
