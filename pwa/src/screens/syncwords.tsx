/** The words of sync, always these four: on this phone · sending 40 % · at the shop 14:32 · needs you. */
import type { SyncState } from "../sync/types";
import { stamp } from "../ui/format";
import { Icon, type IconName } from "../ui/icons";
import { stateOf } from "./live";

export function syncWords(state: SyncState): string {
  if (state.is === "phone") return "on this phone";
  if (state.is === "sending") return `sending ${Math.round(state.progress * 100)} %`;
  if (state.is === "needs_you") return "needs you";
  return state.at ? `at the shop ${stamp(state.at)}` : "at the shop";
}

export const SYNC_ICONS: Record<SyncState["is"], IconName> = {
  phone: "phone",
  sending: "send",
  shop: "check",
  needs_you: "alert",
};

/** How far one record is. `quiet` says nothing while all is well, for long lists; `at` is when the
 * record last changed, for those that came with the first download. */
export function ItemSync({ id, quiet, at }: { id: string; quiet?: boolean; at?: number | null }) {
  const known = stateOf(id);
  const state = known.is === "shop" && known.at === null ? { ...known, at: at ?? null } : known;
  if (quiet && state.is === "shop") return null;
  return (
    <span
      class={`sync ${state.is}`}
      data-testid="item-sync"
      title={state.is === "needs_you" ? state.reason : undefined}
    >
      <Icon name={SYNC_ICONS[state.is]} />
      <span>{syncWords(state)}</span>
    </span>
  );
}
