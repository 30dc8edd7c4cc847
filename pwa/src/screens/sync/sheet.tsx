/** The sync sheet: what waits, when the shop was last reached, how much room is left, what this device is called. */
import { useState } from "preact/hooks";
import type { Overall, Trouble } from "../../sync/types";
import { bytes, stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { lazy } from "../../ui/lazy";
import { Sheet } from "../../ui/sheet";
import { toast } from "../../ui/toast";
import { Fact } from "../customers/card";
import { me, must, overall } from "../live";
import { filesOverall } from "../photos/media";
import { syncWords } from "../syncwords";
import { CheckCard } from "./check";
import { counts, restState, sheetOpen } from "./chip";
import { keptHelp, keptWords } from "./kept";
import { PendingList } from "./pending";

const PhotosWaiting = lazy(async () => (await import("../photos/waiting")).PhotosWaiting);

const TROUBLES: Record<Trouble, string> = {
  offline: "No network. Work goes on; what you do is kept on this phone and sent by itself.",
  portal: "This network asks for a sign-in page first. Open it in the browser, then come back.",
  signed_out: "Your session is over. Work goes on; sign in again to send what waits.",
  revoked: "This device was taken off the shop's list. Ask a manager.",
  busy: "The shop's server is busy. This is tried again by itself.",
  update_needed: "This version is too old to receive. What you did was sent; please load the new version.",
  storage_full: "This phone's storage is full. Free some space so that nothing is missed.",
};

export const troubleWords = (trouble: Trouble | null) => (trouble ? TROUBLES[trouble] : null);

const closeSheet = () => {
  sheetOpen.value = false;
};

export function SyncSheet() {
  const all = overall.value;
  if (!sheetOpen.value || !all) return null;
  return (
    <Sheet title="Sync" onClose={closeSheet} footer={<SyncNow />}>
      <Headline all={all} />
      {counts.value.needsYou > 0 && (
        <a class="banner tone-red" href="/needs-you" onClick={closeSheet}>
          <Icon name="alert" />
          <span class="grow">
            <strong>needs you:</strong> {counts.value.needsYou}{" "}
            {counts.value.needsYou === 1 ? "thing" : "things"} to look at
          </span>
          <Icon name="forward" />
        </a>
      )}
      <PendingList />
      {filesOverall.value && <PhotosWaiting />}
      <NotBackedUp count={all.kept} />
      <SyncFacts all={all} />
      <CheckCard all={all} />
    </Sheet>
  );
}

function Headline({ all }: { all: Overall }) {
  const trouble = troubleWords(all.trouble);
  // What needs the person has a line of its own below; this one says how far all else is.
  const { waiting, needsYou } = counts.value;
  const done = `Everything ${needsYou > 0 ? "else " : ""}you did is at the shop.`;
  const tone = all.trouble ? "amber" : waiting ? "blue" : "green";
  return (
    <div class={`banner tone-${tone}`} role="status">
      <Icon name={all.trouble === "offline" ? "offline" : waiting ? "phone" : "check"} />
      <span class="grow">
        <strong>{syncWords(restState.value)}</strong>
        <br />
        {trouble ?? (waiting ? `${waiting} ${waiting === 1 ? "thing" : "things"} on the way.` : done)}
      </span>
    </div>
  );
}

function NotBackedUp({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <div class="banner tone-grey" role="note" data-testid="kept">
      <Icon name="shop" />
      <span class="grow">
        <strong>{keptWords(count)}.</strong> <span class="mid block">{keptHelp(count)}</span>
      </span>
    </div>
  );
}

/** A photo whose record and file both wait is one photo. */
function waitingWords(): string {
  const files = filesOverall.value?.waiting ?? 0;
  const changes = counts.value.waiting - files;
  const told = [
    changes && `${changes} ${changes === 1 ? "change" : "changes"}`,
    files && `${files} ${files === 1 ? "photo" : "photos"}`,
  ];
  return told.filter(Boolean).join(", ") || "nothing";
}

export function SyncFacts({ all }: { all: Overall }) {
  const { storage } = all;
  return (
    <dl class="facts">
      <Fact name="Waiting" value={waitingWords()} />
      <Fact name="Last contact" value={all.lastContact ? stamp(all.lastContact) : "not yet"} />
      {storage && <Fact name="Storage" value={`${bytes(storage.used)} used of ${bytes(storage.quota)}`} />}
      {storage && (
        <Fact
          name="Kept safe"
          value={
            storage.persistent
              ? "yes, the browser will not clear it"
              : "the browser may clear it when space runs out"
          }
        />
      )}
      <Fact name="Signed in" value={me.value.name} />
      <Fact name="This device" value={must().identity.replica} />
    </dl>
  );
}

function SyncNow() {
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      await must().syncNow();
    } catch {
      toast("The shop could not be reached. This is tried again by itself.");
    }
    setBusy(false);
  };
  return (
    <button type="button" class="button main" disabled={busy} onClick={() => void run()}>
      <Icon name="sync" /> {busy ? "Asking the shop" : "Sync now"}
    </button>
  );
}
