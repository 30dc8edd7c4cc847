/** Refused changes of the team: who tried what, why it was not taken; to take over, or to set aside with a reason. */
import { useState } from "preact/hooks";
import { Empty } from "../../ui/empty";
import { record, shop } from "../live";
import { AsideSheet } from "./aside";
import { RefusedCard } from "./card";
import { type Refused, useRefused } from "./fetch";
import { OpenFile } from "./openfile";
import { looksAfterTeam } from "./settle";
import { TakeOverSheet } from "./takeover";

export function TeamScreen() {
  shop.value;
  if (looksAfterTeam()) return <Team />;
  return (
    <Empty icon="lock" title="This is for admins and managers">
      They look after changes of the team that the shop could not take.
    </Empty>
  );
}

function Team() {
  const [all, setAll] = useState(false);
  const { changes, failed, more, again } = useRefused(all);
  const [taking, setTaking] = useState<Refused | null>(null);
  const [aside, setAside] = useState<Refused | null>(null);
  const listed = (changes ?? []).filter((one) => all || !record("recovery", one.key));
  return (
    <div class="team stack">
      <div class="row wrap">
        <h1 class="grow">Refused changes of the team</h1>
        <OpenFile onRead={setTaking} />
      </div>
      <p class="soft">
        What somebody wrote and the shop could not take is kept whole. Take it over in your name, on top of
        what stands now, or set it aside and say why. Its author is told.
      </p>
      <label class="row tickline">
        <input type="checkbox" checked={all} onChange={() => setAll(!all)} />
        <span>Show settled ones too</span>
      </label>
      {failed && <NoNetwork onAgain={() => void again()} />}
      {!failed && !changes && <p class="soft">Asking the shop …</p>}
      {changes && !failed && listed.length === 0 && (
        <Empty icon="check" title="Nothing waits for you">
          A change that the shop refuses would be listed here, also from a device that was taken off.
        </Empty>
      )}
      {listed.map((one) => (
        <RefusedCard key={one.key} one={one} onTake={() => setTaking(one)} onAside={() => setAside(one)} />
      ))}
      {more && (
        <button type="button" class="button wide" onClick={() => void more()}>
          Older ones
        </button>
      )}
      {taking && <TakeOverSheet one={taking} onClose={() => setTaking(null)} />}
      {aside && <AsideSheet one={aside} onClose={() => setAside(null)} />}
    </div>
  );
}

function NoNetwork({ onAgain }: { onAgain: () => void }) {
  return (
    <Empty
      icon="offline"
      title="This list needs a network"
      action={
        <button type="button" class="button" onClick={onAgain}>
          Try again
        </button>
      }
    >
      The changes are kept at the shop, not on this device. A file that somebody exported opens without it.
    </Empty>
  );
}
