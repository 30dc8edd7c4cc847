/** Where the picture of a photo comes from: this phone, the shop, or the small preview that synced with the record. */
import { useEffect, useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { num, text } from "../../ui/data";
import { word } from "../../ui/words";
import { canReach } from "../live";
import { media } from "./media";

/** Only pictures that are data of the record itself are shown: nothing is fetched from elsewhere. */
export function previewOf(photo: Shown): string | null {
  const preview = text(photo.data.preview);
  if (/^data:image\/(jpeg|png|webp);base64,/.test(preview)) return preview;
  return /^[A-Za-z0-9+/=]{40,}$/.test(preview) ? `data:image/jpeg;base64,${preview}` : null;
}

export const kindWord = (photo: Shown) => word(`photo.${text(photo.data.kind)}`);
export const caption = (photo: Shown) => text(photo.data.note) || kindWord(photo);
export const isDocument = (photo: Shown) => text(photo.data.type) === "application/pdf";
export const takenAt = (photo: Shown) => num(photo.data.taken_at) ?? 0;
export const byTime = (a: Shown, b: Shown) => takenAt(a) - takenAt(b) || a.id.localeCompare(b.id);

/** Whether the shop can be asked for the picture just now. */
export const canAsk = (photo: Shown) => photo.data.media === "ready" && canReach.value;

export const urlOf = (id: string, size: "thumb" | "display" | "original" | "document") =>
  `/api/photos/${id}/${size}`;

/** The address of what this phone itself holds, while the caller is shown; null where it holds nothing. */
export function useHeld(id: string, wanted = true): string | null {
  const [url, setUrl] = useState<string | null>(null);
  const room = media.value;
  useEffect(() => {
    let made: string | null = null;
    let gone = false;
    setUrl(null);
    if (wanted)
      void room?.blob(id).then(
        (blob) => {
          if (!blob || gone) return;
          made = URL.createObjectURL(blob);
          setUrl(made);
        },
        () => undefined,
      );
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [id, wanted, room]);
  return url;
}
