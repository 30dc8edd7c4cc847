/** Some of the photos, chosen by a tap on each: native checkboxes under their pictures. */
import type { Shown } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { word } from "../../ui/words";
import { caption, previewOf } from "../photos/source";
import { countOf } from "./words";

interface Props {
  photos: Shown[];
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}

export function Pick({ photos, chosen, onChange }: Props) {
  const turn = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  };
  return (
    <fieldset class="field">
      <legend class="label">
        {chosen.size ? `${countOf(chosen.size)} chosen` : "Tap the photos to show"}
      </legend>
      <ul class="gallery pick">
        {photos.map((photo) => (
          <li key={photo.id}>
            <label class="shot">
              <input
                type="checkbox"
                checked={chosen.has(photo.id)}
                onChange={() => turn(photo.id)}
                aria-label={caption(photo)}
              />
              <Preview photo={photo} />
              <span class="kind">{word(`photo.${photo.data.kind}`)}</span>
              <span class="pick-mark" aria-hidden="true">
                <Icon name="check" />
              </span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

function Preview({ photo }: { photo: Shown }) {
  const source = previewOf(photo);
  return source ? <img src={source} alt="" /> : <Icon name="photo" />;
}
