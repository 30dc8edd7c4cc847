/** A grid of photos. A tap shows one large, and from there all of the grid can be gone through. */
import type { Shown } from "../../sync/types";
import { Tile } from "./tile";
import { view } from "./viewer/open";

export function Gallery({ photos, staff }: { photos: Shown[]; staff?: boolean }) {
  const ids = photos.map((one) => one.id);
  return (
    <ul class="gallery">
      {photos.map((photo) => (
        <Tile key={photo.id} photo={photo} staff={staff} onOpen={() => view(ids, photo.id)} />
      ))}
    </ul>
  );
}
