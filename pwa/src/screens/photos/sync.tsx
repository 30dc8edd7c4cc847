/** How far one photo is, drawn: an icon and the words of sync, the same as for any other record. */
import type { Shown } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { stateOf } from "../live";
import { SYNC_ICONS, syncWords } from "../syncwords";
import { fileState } from "./media";
import { type PhotoState, stateOfPhoto } from "./state";

export const photoState = (photo: Shown): PhotoState =>
  stateOfPhoto(photo.data, stateOf(photo.id), fileState(photo.id));

/** `quiet` says nothing while all is well, for long lists; `why` adds the sentence. */
export function PhotoSync({ photo, quiet, why }: { photo: Shown; quiet?: boolean; why?: boolean }) {
  const { sync, more } = photoState(photo);
  if (quiet && sync?.is === "shop" && !more) return null;
  return (
    <>
      <span class={`sync ${sync?.is ?? "elsewhere"}`} data-testid="photo-sync" title={more || undefined}>
        <Icon name={sync ? SYNC_ICONS[sync.is] : "hourglass"} />
        <span>{sync ? syncWords(sync) : "not at the shop yet"}</span>
      </span>
      {why && more && <span class="soft small block">{more}</span>}
    </>
  );
}
