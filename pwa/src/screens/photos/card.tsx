/** Photos of a work order: taking and bringing them, by kind, how far each is, and what can be done with all of them. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { text } from "../../ui/data";
import { Icon } from "../../ui/icons";
import { word } from "../../ui/words";
import { ShareButton } from "../albums/button";
import { canReach, children } from "../live";
import { may } from "../rights";
import { Bringing } from "./bringing";
import { aboutOf, cameraFor, KINDS } from "./camera/open";
import { CompareButton } from "./comparebutton";
import { usePasteAndDrop } from "./drop";
import { Gallery } from "./gallery";
import { PickButton } from "./pick";
import { byTime } from "./source";

const FIRST_SHOWN = 12;

export function PhotosCard({ order }: { order: Shown }) {
  const photos = children(order.id, "photo").sort(byTime);
  const mayAdd = may("c", "photo");
  const over = usePasteAndDrop(mayAdd ? order : null);
  if (photos.length === 0 && !mayAdd) return null;
  return (
    <section class={`card photos-card ${over ? "is-over" : ""}`} aria-labelledby="photos-title" id="photos">
      <header>
        <h2 id="photos-title">Photos</h2>
        {photos.length > 0 && <span class="soft number pad-right">{photos.length}</span>}
      </header>
      <div class="body stack">
        {mayAdd && <Adding order={order} />}
        <Bringing order={order.id} />
        {photos.length > 0 && <ByKind photos={photos} />}
        {photos.length > 0 && <Together order={order} photos={photos} />}
      </div>
      {over && (
        <p class="drop-here" aria-hidden="true">
          <Icon name="download" /> Drop to add
        </p>
      )}
    </section>
  );
}

function Adding({ order }: { order: Shown }) {
  return (
    <div class="stack-tight">
      <div class="row adding">
        <button type="button" class="button tinted grow" onClick={() => (cameraFor.value = order.id)}>
          <Icon name="camera" /> Camera
        </button>
        <PickButton about={() => aboutOf(order)} from="files" class="button grow">
          <Icon name="pictures" /> Add files
        </PickButton>
      </div>
      <p class="soft small desk-hint">Or paste a screenshot here (Ctrl V), or drop pictures on this card.</p>
    </div>
  );
}

function ByKind({ photos }: { photos: Shown[] }) {
  const [kind, setKind] = useState("");
  const [all, setAll] = useState(false);
  const kinds = KINDS.filter((one) => photos.some((photo) => text(photo.data.kind) === one));
  const chosen = photos.filter((photo) => !kind || text(photo.data.kind) === kind);
  // The newest stand first in what is shown of many, since they are what was just done.
  const shown = all ? chosen : chosen.slice(-FIRST_SHOWN);
  return (
    <>
      {kinds.length > 1 && (
        <fieldset class="chips" aria-label="Show photos by kind">
          {["", ...kinds].map((one) => (
            <button
              key={one}
              type="button"
              class="chip"
              aria-pressed={one === kind}
              onClick={() => setKind(one)}
            >
              {one ? word(`photo.${one}`) : "All"}{" "}
              <span class="count">
                {one ? photos.filter((photo) => text(photo.data.kind) === one).length : photos.length}
              </span>
            </button>
          ))}
        </fieldset>
      )}
      <Gallery photos={shown} staff />
      {shown.length < chosen.length && (
        <button type="button" class="button wide" onClick={() => setAll(true)}>
          Show all {chosen.length}
        </button>
      )}
    </>
  );
}

/** What is done with all of them at once. */
function Together({ order, photos }: { order: Shown; photos: Shown[] }) {
  const ready = photos.some((one) => one.data.media === "ready");
  return (
    <div class="row wrap together">
      <CompareButton photos={photos} />
      {may("u", "photo") && <ShareButton order={order} />}
      {ready && canReach.value && (
        <a class="button grow" href={`/api/photos/zip?work_order=${order.id}`} download>
          <Icon name="download" /> Download all
        </a>
      )}
    </div>
  );
}
