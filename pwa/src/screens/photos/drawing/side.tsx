/** One side of a drawing that two people made at once: a small picture of it, so that one can choose by looking. */
import { useState } from "preact/hooks";
import { record } from "../../live";
import { previewOf } from "../source";
import { RATIO_UNKNOWN } from "../viewer/picture";
import { DrawingOverlay } from "./overlay";
import { drawingWords } from "./shapes";

export function DrawingSide({ photo: id, drawing }: { photo: string; drawing: unknown }) {
  const photo = record("photo", id);
  const [ratio, setRatio] = useState(RATIO_UNKNOWN);
  const preview = photo && previewOf(photo);
  return (
    <figure class="drawing-side">
      <div class="picture" style={{ "--ratio": ratio }}>
        {preview && (
          <img
            src={preview}
            alt=""
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              naturalWidth && setRatio(naturalWidth / naturalHeight)
            }
          />
        )}
        <DrawingOverlay drawing={drawing} ratio={ratio} />
      </div>
      <figcaption class="small">{drawingWords(drawing)}</figcaption>
    </figure>
  );
}
