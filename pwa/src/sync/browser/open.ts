/** Opens the replica of a signed-in person in this browser. */

import { openCore } from "../replica";
import type { Collections } from "../schema";
import type { Identity, Replica } from "../types";
import { remember, rememberReplica } from "./remembered";
import { wipe } from "./wipe";
import { browserWorld } from "./world";

/** One database for each shop and principal: another user of the phone neither sees nor sends what is in it. */
export function databaseOf(identity: Identity): string {
  return `workbay.${identity.shop}.${identity.principal.id}`;
}

/** Opens the database and begins to sync; works without the network. `schema` is the number of the collections; `wiped` is called when the
 * device was revoked, so that what lies outside this database goes too. */
export async function openReplica(
  identity: Identity,
  collections: Collections,
  schema = 1,
  wiped: () => void = () => {},
): Promise<Replica> {
  const renamed = (changed: Identity) => {
    remember(changed);
    rememberReplica(changed);
  };
  const world = browserWorld(databaseOf(identity));
  const revoked = (handed: number) => {
    wiped();
    void wipe(identity, handed);
  };
  return openCore({ world, identity, collections, schema, renamed, revoked });
}

/** Asks the browser not to throw the database away; call it on a tap, where browsers listen. */
export async function keepStorage(): Promise<boolean> {
  return (await navigator.storage?.persist?.()) ?? false;
}
