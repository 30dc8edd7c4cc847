/** The way to all photos of a customer or of a machine, over all their work orders. */
import type { Shown } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { records } from "../live";
import { belongs } from "./belongs";

export function PhotosLink({ of }: { of: Shown }) {
  const count = records("photo").filter((one) => belongs(one, of.collection, of.id)).length;
  if (count === 0) return null;
  return (
    <a class="button quiet" href={`/photos?${of.collection}=${of.id}`}>
      <Icon name="pictures" /> {count === 1 ? "1 photo" : `All ${count} photos`}
    </a>
  );
}
