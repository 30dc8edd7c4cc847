/** The pictures of an album side by side; a tap shows one large. */
import { useState } from "preact/hooks";
import { Icon } from "../../ui/icons";
import { lazy } from "../../ui/lazy";
import { word } from "../../ui/words";
import { albumPath, type Picture } from "./fetch";

const Large = lazy(() => import("./large").then((part) => part.Large));
const PDF = "application/pdf";

export const isDocument = (one: Picture) => one.type === PDF;
export const kindOf = (one: Picture) => word(`photo.${one.kind}`);
export const captionOf = (one: Picture) => one.note?.trim() || kindOf(one);

interface Props {
  token: string;
  photos: Picture[];
  /** A picture could not be had: it was hidden since, or the link has ended. */
  onStale: () => void;
}

export function Grid({ token, photos, onStale }: Props) {
  const [open, setOpen] = useState<string | null>(null);
  const pictures = photos.filter((one) => !isDocument(one));
  const at = pictures.findIndex((one) => one.id === open);
  return (
    <>
      <ul class="gallery album-grid">
        {photos.map((one) => (
          <li key={one.id} class="tile-photo">
            {isDocument(one) ? (
              <Paper token={token} paper={one} />
            ) : (
              <Tile token={token} photo={one} onOpen={() => setOpen(one.id)} />
            )}
            {one.note?.trim() && <p class="small clip-2">{one.note}</p>}
          </li>
        ))}
      </ul>
      {at >= 0 && (
        <Large
          token={token}
          photos={pictures}
          first={at}
          onStale={() => {
            setOpen(null);
            onStale();
          }}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}

function Tile({ token, photo, onOpen }: { token: string; photo: Picture; onOpen: () => void }) {
  const [bad, setBad] = useState(false);
  return (
    <button type="button" class="shot" onClick={onOpen} aria-label={`Photo: ${captionOf(photo)}`}>
      {bad ? (
        <Icon name="photo" />
      ) : (
        <img
          src={`${albumPath(token)}/${photo.id}/thumb`}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setBad(true)}
        />
      )}
      <span class="kind">{kindOf(photo)}</span>
    </button>
  );
}

function Paper({ token, paper }: { token: string; paper: Picture }) {
  return (
    <a
      class="shot"
      href={`${albumPath(token)}/${paper.id}/document`}
      download
      aria-label={`Document: ${captionOf(paper)}`}
    >
      <span class="no-picture">
        <Icon name="file" />
        PDF
      </span>
      <span class="kind">{kindOf(paper)}</span>
    </a>
  );
}
