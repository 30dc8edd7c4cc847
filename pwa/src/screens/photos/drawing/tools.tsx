/** What one draws with: shapes, colours, thin or thick, and the way back. */
import { Icon, type IconName } from "../../../ui/icons";
import type { Pen } from "./hand";
import { COLOUR_WORDS, COLOURS, type ShapeKind } from "./shapes";

const TOOLS: { kind: ShapeKind; icon: IconName; label: string }[] = [
  { kind: "arrow", icon: "arrow", label: "Arrow" },
  { kind: "circle", icon: "circle", label: "Circle" },
  { kind: "free", icon: "free", label: "Freehand" },
  { kind: "text", icon: "letters", label: "Text" },
];
const THIN = 90;
const THICK = 170;

interface Props {
  pen: Pen;
  onPen: (pen: Pen) => void;
  canUndo: boolean;
  onUndo: () => void;
  canClear: boolean;
  onClear: () => void;
}

export function Tools({ pen, onPen, canUndo, onUndo, canClear, onClear }: Props) {
  return (
    <footer class="draw-tools">
      <div class="tool-row" role="radiogroup" aria-label="Draw">
        {TOOLS.map(({ kind, icon, label }) => (
          <label key={kind} class="tool">
            <input
              type="radio"
              name="tool"
              checked={pen.kind === kind}
              onChange={() => onPen({ ...pen, kind })}
            />
            <Icon name={icon} />
            <span>{label}</span>
          </label>
        ))}
      </div>
      <div class="tool-row" role="radiogroup" aria-label="Colour">
        {COLOURS.map((colour, i) => (
          <label key={colour} class="tool colour">
            <input
              type="radio"
              name="colour"
              checked={pen.colour === colour}
              aria-label={COLOUR_WORDS[i]}
              onChange={() => onPen({ ...pen, colour })}
            />
            <i style={{ background: colour }} />
          </label>
        ))}
      </div>
      <div class="tool-row">
        <button
          type="button"
          class="act"
          aria-pressed={pen.width === THICK}
          onClick={() => onPen({ ...pen, width: pen.width === THICK ? THIN : THICK })}
        >
          <i class={`line-sample ${pen.width === THICK ? "thick" : ""}`} aria-hidden="true" />
          {pen.width === THICK ? "Thick" : "Thin"}
        </button>
        <button type="button" class="act" disabled={!canUndo} onClick={onUndo}>
          <Icon name="undo" /> Undo
        </button>
        <button type="button" class="act" disabled={!canClear} onClick={onClear}>
          <Icon name="trash" /> Clear
        </button>
      </div>
    </footer>
  );
}
