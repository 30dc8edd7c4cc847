/** The photos that the shop lets its customer see: to look at, to compare, and to take along. */
import type { Shown } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { lazy } from "../../ui/lazy";
import { canReach, children } from "../live";
import { CompareButton } from "../photos/comparebutton";
import { Gallery } from "../photos/gallery";
import { byTime } from "../photos/source";
import { compared, viewed } from "../photos/viewer/open";

const Viewer = lazy(async () => (await import("../photos/viewer/viewer")).Viewer);
const Compare = lazy(async () => (await import("../photos/viewer/compare")).Compare);

export function PortalPhotos({ order }: { order: Shown }) {
  const photos = children(order.id, "photo")
    .filter((one) => one.data.media === "ready")
    .sort(byTime);
  if (photos.length === 0) return null;
  return (
    <section class="card pad stack" aria-labelledby="photos-title">
      <h2 id="photos-title">Photos</h2>
      <Gallery photos={photos} />
      <div class="row wrap together">
        <CompareButton photos={photos} />
        {canReach.value && (
          <a class="button grow" href={`/api/photos/zip?work_order=${order.id}`} download>
            <Icon name="download" /> Save all
          </a>
        )}
      </div>
      {viewed.value && <Viewer />}
      {compared.value && <Compare />}
    </section>
  );
}
