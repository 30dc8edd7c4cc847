/** How far one photo is, drawn: an icon and the words of sync, the same as for any other record. */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { Shown } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { replica, stateOf } from "../live";
import { SYNC_ICONS, syncWords } from "../syncwords";
import { fileState } from "./media";
import { type PhotoState, stateOfPhoto } from "./state";

let of = replica.peek();
let states = new Map<string, ReadonlySignal<string>>();

/** One signal a photo, compared as text: of a thousand in a list only those that moved are drawn again. */
export function photoState(photo: Shown): PhotoState {
  if (of !== replica.value) [of, states] = [replica.value, new Map()];
  let found = states.get(photo.id);
  if (!found) {
    found = computed(() => {
      const state = stateOf(photo.id);
      const data = of?.get("photo", photo.id)?.data ?? photo.data;
      return JSON.stringify(stateOfPhoto(data, state, fileState(photo.id)));
    });
    states.set(photo.id, found);
  }
  return JSON.parse(found.value) as PhotoState;
}

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
