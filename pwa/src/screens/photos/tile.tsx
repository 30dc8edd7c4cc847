/** One photo in a grid: its preview at once, a sharper picture over it when the shop can be asked, and how far it is. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { flag } from "../../ui/data";
import { Icon } from "../../ui/icons";
import { shapesOf } from "./drawing/shapes";
import { canAsk, caption, isDocument, kindWord, previewOf, urlOf, useHeld } from "./source";
import { PhotoSync } from "./sync";

interface Props {
  photo: Shown;
  staff?: boolean;
  /** In a long list, where only what is not well is said. */
  dense?: boolean;
  /** Which of how many, where not all are in the page. */
  place?: [number, number];
  onOpen: () => void;
}

export function Tile({ photo, staff, dense, place, onOpen }: Props) {
  const drawn = shapesOf(photo.data.drawing).length > 0;
  const hidden = staff && !flag(photo.data.visible_to_customer);
  return (
    <li class="tile-photo" aria-posinset={place?.[0]} aria-setsize={place?.[1]}>
      <button type="button" class="shot" onClick={onOpen} aria-label={`Photo: ${caption(photo)}`}>
        <Thumb photo={photo} near={dense} />
        <span class="kind">{kindWord(photo)}</span>
        {(drawn || hidden) && (
          <span class="shot-marks">
            {drawn && <Icon name="draw" label="drawn on" />}
            {hidden && <Icon name="hidden" label="hidden from the customer" />}
          </span>
        )}
      </button>
      {staff && <PhotoSync photo={photo} quiet={dense} />}
    </li>
  );
}

/** The preview, and over it the shop's thumbnail once it has come. `near`: what is in the page is about to be seen. */
export function Thumb({ photo, near }: { photo: Shown; near?: boolean }) {
  const loading = near ? "eager" : "lazy";
  const preview = previewOf(photo);
  const [sharp, setSharp] = useState<"waits" | "there" | "not">("waits");
  const ask = sharp !== "not" && canAsk(photo) && !isDocument(photo);
  return (
    <>
      {preview ? (
        <img src={preview} alt="" loading={loading} decoding="async" />
      ) : (
        !ask && <WithoutPreview photo={photo} />
      )}
      {ask && (
        <img
          class={`sharp ${sharp}`}
          src={urlOf(photo.id, "thumb")}
          alt=""
          loading={loading}
          decoding="async"
          onLoad={() => setSharp("there")}
          onError={() => setSharp("not")}
        />
      )}
    </>
  );
}

/** As of a picture that this browser cannot shrink: the phone's own copy is tried. */
function WithoutPreview({ photo }: { photo: Shown }) {
  const held = useHeld(photo.id, !isDocument(photo));
  return held ? <img src={held} alt="" loading="lazy" decoding="async" /> : <NoPicture photo={photo} />;
}

export function NoPicture({ photo }: { photo: Shown }) {
  return isDocument(photo) ? (
    <span class="no-picture">
      <Icon name="file" />
      PDF
    </span>
  ) : (
    <Icon name="photo" label="No preview yet" />
  );
}
