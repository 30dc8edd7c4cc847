/**
 * Drawing on a photo. The original stays; what is drawn is a field of the record, written like any other, off line too.
 *
 * The form is taken when drawing begins, and what is drawn is kept with it until it is saved or given up.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Form, Shown } from "../../../sync/types";
import { useDraft } from "../../../ui/draft";
import { Full } from "../../../ui/full";
import { Icon } from "../../../ui/icons";
import { toast } from "../../../ui/toast";
import { act } from "../../act";
import { must, record } from "../../live";
import { caption } from "../source";
import { drawn } from "../viewer/open";
import { RATIO_UNKNOWN, useSource } from "../viewer/picture";
import { finished, growing, type Pen, pointOf } from "./hand";
import { LETTERS, ShapeView } from "./overlay";
import { asDrawing, CHARACTERS_MAX, COLOURS, FULL, type Point, type Shape, shapesOf, sizeOf } from "./shapes";
import { TextAt } from "./textat";
import { Tools } from "./tools";

interface Kept {
  form: Form;
  shapes: Shape[];
}

export function Drawing() {
  const photo = record("photo", drawn.value);
  useEffect(() => {
    if (!photo) drawn.value = null;
  }, [photo === undefined]);
  return photo ? <Editor key={photo.id} photo={photo} /> : null;
}

const same = (one: Shape[], other: Shape[]) => JSON.stringify(one) === JSON.stringify(other);

function Editor({ photo }: { photo: Shown }) {
  const draft = useDraft<Kept>(`drawing.${photo.id}`, () => ({
    form: must().form(photo.id),
    shapes: shapesOf(photo.data.drawing),
  }));
  const { form, shapes } = draft.value.value;
  const [pen, setPen] = useState<Pen>({ kind: "arrow", colour: COLOURS[0] as string, width: 90 });
  const [undone, setUndone] = useState<Shape[][]>([]);
  const put = (next: Shape[]) => {
    if (sizeOf(next) > CHARACTERS_MAX)
      return toast("This drawing is full. Take something out, or save it as it is.", { bad: true });
    setUndone([...undone, shapes]);
    draft.set({ form, shapes: next });
  };
  const undo = () => {
    const before = undone.at(-1);
    if (!before) return;
    setUndone(undone.slice(0, -1));
    draft.set({ form, shapes: before });
  };
  const changed = !same(shapes, shapesOf(photo.data.drawing));
  const leave = () => {
    draft.clear();
    drawn.value = null;
  };
  // Going back by accident must not cost a drawing.
  const turnAway = () => {
    if (!changed) return leave();
    drawn.value = null;
    toast("Your drawing is kept unsaved. Draw opens it again.");
  };
  const save = async () => {
    if (!changed) return leave();
    const set = { drawing: asDrawing(shapes) };
    if (await act([{ op: "patch", collection: "photo", id: photo.id, set, form }], "Drawing saved")) leave();
  };
  const press = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).closest("input")) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "z") {
      event.preventDefault();
      undo();
    }
  };
  return (
    <Full label={`Draw on: ${caption(photo)}`} kind="draw" onClose={turnAway} onKeyDown={press}>
      <header class="full-head">
        <button type="button" class="button on-dark" onClick={leave}>
          Cancel
        </button>
        <span class="grow" />
        <button type="button" class="button main" onClick={() => void save()}>
          <Icon name="check" /> Save drawing
        </button>
      </header>
      <Canvas photo={photo} shapes={shapes} pen={pen} onShape={(shape) => put([...shapes, shape])} />
      <Tools
        pen={pen}
        onPen={setPen}
        canUndo={undone.length > 0}
        onUndo={undo}
        canClear={shapes.length > 0}
        onClear={() => put([])}
      />
    </Full>
  );
}

interface CanvasProps {
  photo: Shown;
  shapes: Shape[];
  pen: Pen;
  onShape: (shape: Shape) => void;
}

function Canvas({ photo, shapes, pen, onShape }: CanvasProps) {
  const { url, failed } = useSource(photo, true);
  const [ratio, setRatio] = useState(RATIO_UNKNOWN);
  const [way, setWay] = useState<Point[]>([]);
  const [writing, writeAt] = useState<Point | null>(null);
  const sheet = useRef<SVGSVGElement>(null);
  const here = (event: PointerEvent) =>
    pointOf((sheet.current as SVGSVGElement).getBoundingClientRect(), event.clientX, event.clientY);
  const down = (event: PointerEvent) => {
    if (event.button !== 0 || writing) return;
    event.preventDefault();
    if (pen.kind === "text") return writeAt(here(event));
    sheet.current?.setPointerCapture(event.pointerId);
    setWay([here(event)]);
  };
  const move = (event: PointerEvent) => {
    if (way.length === 0) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    setWay([...way, ...(passed.length ? passed : [event]).map(here)]);
  };
  const up = () => {
    const shape = way.length ? finished(pen, way) : null;
    setWay([]);
    if (shape) onShape(shape);
  };
  const write = (words: string) => {
    const [x, y] = writing ?? [0, 0];
    writeAt(null);
    // The finger points at where the words stand; letters stand on their line.
    const line = Math.min(FULL, Math.round(y + (pen.width * LETTERS * ratio) / 3));
    if (words.trim()) onShape({ ...pen, points: [[x, line]], text: words.trim() });
  };
  return (
    <div class="draw-stage">
      <div class="picture" style={{ "--ratio": ratio }}>
        {url && (
          <img
            src={url}
            alt={caption(photo)}
            draggable={false}
            onError={failed}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              naturalWidth && setRatio(naturalWidth / naturalHeight)
            }
          />
        )}
        <svg
          ref={sheet}
          class="drawing can-draw"
          viewBox={`0 0 ${FULL} ${FULL / ratio}`}
          role="img"
          aria-label={`Drawing: ${shapes.length} ${shapes.length === 1 ? "shape" : "shapes"}`}
          onPointerDown={down}
          onPointerMove={move}
          onPointerUp={up}
          onPointerCancel={() => setWay([])}
        >
          {shapes.map((shape, i) => (
            <ShapeView key={i} shape={shape} ratio={ratio} />
          ))}
          {way.length > 1 && <ShapeView shape={growing(pen, way)} ratio={ratio} />}
        </svg>
      </div>
      {writing && <TextAt onDone={write} onCancel={() => writeAt(null)} />}
    </div>
  );
}
