/** Photos of a work order as the small previews that sync with it; a tap shows one larger. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { flag, num, text } from "../../ui/data";
import { dayAndTime } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { Sheet } from "../../ui/sheet";
import { word } from "../../ui/words";
import { act, patch } from "../act";
import { children } from "../live";
import { may } from "../rights";

/** Only pictures that are data of the record itself are shown: nothing is fetched from elsewhere. */
export function previewOf(photo: Shown): string | null {
  const preview = text(photo.data.preview);
  if (/^data:image\/(jpeg|png|webp);base64,/.test(preview)) return preview;
  return /^[A-Za-z0-9+/=]{40,}$/.test(preview) ? `data:image/jpeg;base64,${preview}` : null;
}

export const caption = (photo: Shown) => text(photo.data.note) || word(`photo.${text(photo.data.kind)}`);

export function PhotosCard({ order }: { order: Shown }) {
  const photos = children(order.id, "photo").sort(
    (a, b) => (num(a.data.taken_at) ?? 0) - (num(b.data.taken_at) ?? 0),
  );
  if (photos.length === 0) return null;
  return (
    <section class="card" aria-labelledby="photos-title">
      <header>
        <h2 id="photos-title">Photos</h2>
        <span class="soft number pad-right">{photos.length}</span>
      </header>
      <div class="body">
        <Gallery photos={photos} staff />
      </div>
    </section>
  );
}

async function showTo(photo: Shown): Promise<void> {
  const visible = !flag(photo.data.visible_to_customer);
  await act(
    [patch("photo", photo.id, { visible_to_customer: visible })],
    visible ? "The customer sees this photo" : "Hidden from the customer",
  );
}

export function Gallery({ photos, staff }: { photos: Shown[]; staff?: boolean }) {
  const [open, setOpen] = useState<string | null>(null);
  const shown = photos.find((one) => one.id === open);
  return (
    <>
      <ul class="gallery">
        {photos.map((photo) => (
          <li key={photo.id}>
            <button
              type="button"
              class="shot"
              onClick={() => setOpen(photo.id)}
              aria-label={`Photo: ${caption(photo)}`}
            >
              <Picture photo={photo} />
              <span class="kind">{word(`photo.${text(photo.data.kind)}`)}</span>
            </button>
          </li>
        ))}
      </ul>
      {shown && (
        <Sheet title={word(`photo.${text(shown.data.kind)}`)} onClose={() => setOpen(null)}>
          <div class="large-shot">
            <Picture photo={shown} large />
          </div>
          {text(shown.data.note) && <p>{text(shown.data.note)}</p>}
          <p class="soft small number row wrap">
            {num(shown.data.taken_at) !== null && dayAndTime(num(shown.data.taken_at) ?? 0)}
            {staff && (
              <span class="tag">
                {flag(shown.data.visible_to_customer) ? "customer sees it" : "staff only"}
              </span>
            )}
          </p>
          {staff && may("u", "photo") && (
            <button type="button" class="button" onClick={() => void showTo(shown)}>
              {flag(shown.data.visible_to_customer) ? "Hide from the customer" : "Show to the customer"}
            </button>
          )}
        </Sheet>
      )}
    </>
  );
}

function Picture({ photo, large }: { photo: Shown; large?: boolean }) {
  const source = previewOf(photo);
  return source ? (
    <img src={source} alt={large ? caption(photo) : ""} />
  ) : (
    <Icon name="photo" label="No preview yet" />
  );
}
