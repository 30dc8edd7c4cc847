/** One photo as large as there is room: the phone's own copy, else the shop's, else the small preview, and which of them it is. */
import { useEffect, useState } from "preact/hooks";
import type { Shown } from "../../../sync/types";
import { Icon } from "../../../ui/icons";
import { DrawingOverlay } from "../drawing/overlay";
import { canAsk, caption, isDocument, previewOf, urlOf, useHeld } from "../source";

export type From = "phone" | "shop" | "preview" | "none";

export const FROM_WORDS: Record<From, string> = {
  phone: "The picture kept on this phone",
  shop: "The shop's picture",
  preview: "Small preview, until the picture can be had",
  none: "No picture here yet. It comes when it can be had.",
};

export interface Source {
  url: string | null;
  from: From;
  /** Called when the browser cannot show it: the next best is tried. */
  failed(): void;
}

/** The best picture there is just now. */
export function useSource(photo: Shown, wanted: boolean): Source {
  const held = useHeld(photo.id, wanted && !isDocument(photo));
  const [bad, setBad] = useState<string[]>([]);
  const preview = previewOf(photo);
  const tried: [From, string | null][] = [
    ["phone", wanted ? held : null],
    ["shop", wanted && canAsk(photo) && !isDocument(photo) ? urlOf(photo.id, "display") : null],
    ["preview", preview],
  ];
  const [from, url] = tried.find(([, one]) => one && !bad.includes(one)) ?? ["none" as const, null];
  return { url, from, failed: () => url && setBad([...bad, url]) };
}

export const RATIO_UNKNOWN = 4 / 3;

interface Props {
  photo: Shown;
  /** Off for photos that are not looked at just now: their preview does. */
  large: boolean;
  onFrom?: (from: From) => void;
}

/** The preview stands behind until the larger picture has come, so that nothing jumps and nothing is empty. */
export function Picture({ photo, large, onFrom }: Props) {
  const { url, from, failed } = useSource(photo, large);
  const preview = previewOf(photo);
  const [ratio, setRatio] = useState(RATIO_UNKNOWN);
  useEffect(() => onFrom?.(from), [from, large]);
  if (isDocument(photo)) return <Document photo={photo} />;
  if (!url)
    return (
      <div class="no-picture large">
        <Icon name="photo" />
        {FROM_WORDS.none}
      </div>
    );
  const measure = ({ currentTarget: { naturalWidth, naturalHeight } }: { currentTarget: HTMLImageElement }) =>
    naturalWidth && setRatio(naturalWidth / naturalHeight);
  return (
    <div class="picture" style={{ "--ratio": ratio }}>
      {preview && url !== preview && <img class="behind" src={preview} alt="" onLoad={measure} />}
      <img src={url} alt={caption(photo)} draggable={false} onLoad={measure} onError={failed} />
      <DrawingOverlay drawing={photo.data.drawing} ratio={ratio} />
    </div>
  );
}

function Document({ photo }: { photo: Shown }) {
  const held = useHeld(photo.id);
  const url = held ?? (canAsk(photo) ? urlOf(photo.id, "document") : null);
  return (
    <div class="no-picture large">
      <Icon name="file" />
      <strong>{caption(photo)}</strong>
      {url ? (
        <a class="button main" href={url} download={`document-${photo.id.slice(-6)}.pdf`}>
          <Icon name="download" /> Open the document
        </a>
      ) : (
        <span>The document comes when it can be had.</span>
      )}
    </div>
  );
}
