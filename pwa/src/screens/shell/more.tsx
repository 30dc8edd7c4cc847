/** More: this device, its look, and the way out. */
import { useState } from "preact/hooks";
import { initials } from "../../ui/data";
import { ChipField } from "../../ui/field";
import { Icon } from "../../ui/icons";
import { Sheet } from "../../ui/sheet";
import { setTheme, type Theme, theme } from "../../ui/theme";
import { word } from "../../ui/words";
import { me, must, overall, records } from "../live";
import { PositionChoice } from "../photos/camera/positionchoice";
import { photosUnsent } from "../photos/media";
import { looksAfterTeam } from "../recovery/settle";
import { counts } from "../sync/chip";
import { keptWords } from "../sync/kept";
import { SyncFacts } from "../sync/sheet";
import { InstallCard } from "./install";
import { helpOpen } from "./keys";

const THEMES: { value: Theme; label: string }[] = [
  { value: "auto", label: "As the device" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

export function MoreScreen({ onSignOut }: { onSignOut: () => Promise<void> }) {
  const all = overall.value;
  const [leaving, setLeaving] = useState(false);
  return (
    <div class="more stack">
      <h1>More</h1>
      <div class="card pad row person">
        <span class="avatar" aria-hidden="true">
          {initials(me.value.name)}
        </span>
        <div class="grow">
          <strong>{me.value.name}</strong>
          <div class="soft mid">
            {word(`role.${me.value.role}`)} · {must().identity.shopName}
          </div>
        </div>
        <button type="button" class="button" onClick={() => setLeaving(true)}>
          <Icon name="exit" /> Sign out
        </button>
      </div>
      <a class="card pad row link-card" href="/needs-you">
        <Icon name="alert" />
        <span class="grow">
          <strong>Needs you</strong>
          <span class="soft mid block">
            {counts.value.needsYou ? `${counts.value.needsYou} to look at` : "nothing just now"}
          </span>
        </span>
        <Icon name="forward" />
      </a>
      {looksAfterTeam() && (
        <a class="card pad row link-card" href="/team/refused">
          <Icon name="people" />
          <span class="grow">
            <strong>Refused changes of the team</strong>
            <span class="soft mid block">to take over or set aside</span>
          </span>
          <Icon name="forward" />
        </a>
      )}
      <a class="card pad row link-card" href="/parts">
        <Icon name="box" />
        <span class="grow">
          <strong>Parts</strong>
          <span class="soft mid block">what lies where, and what is short</span>
        </span>
        <Icon name="forward" />
      </a>
      <a class="card pad row link-card" href="/photos">
        <Icon name="pictures" />
        <span class="grow">
          <strong>Photos</strong>
          <span class="soft mid block">{records("photo").length} on this phone, by day</span>
        </span>
        <Icon name="forward" />
      </a>
      <a class="card pad row link-card" href="/devices">
        <Icon name="phone" />
        <span class="grow">
          <strong>Devices</strong>
          <span class="soft mid block">where you are signed in</span>
        </span>
        <Icon name="forward" />
      </a>
      <InstallCard />
      <section class="card pad stack" aria-labelledby="device-title">
        <h2 id="device-title">This device</h2>
        {all && <SyncFacts all={all} />}
        <KeepSafe />
        <PositionChoice />
      </section>
      <section class="card pad" aria-label="Look">
        <ChipField
          label="Look"
          value={theme.value}
          onInput={(chosen) => setTheme(chosen as Theme)}
          options={THEMES}
        />
      </section>
      <button type="button" class="button wide desk-only" onClick={() => (helpOpen.value = true)}>
        <Icon name="keyboard" /> Keyboard keys
      </button>
      {leaving && <LeaveSheet onClose={() => setLeaving(false)} onSignOut={onSignOut} />}
    </div>
  );
}

/** Browsers ask for this on a tap only. */
function KeepSafe() {
  const [answer, setAnswer] = useState<string | null>(null);
  if (overall.value?.storage?.persistent || !navigator.storage?.persist) return null;
  const ask = async () =>
    setAnswer(
      (await navigator.storage.persist())
        ? "The browser keeps this safe now."
        : "The browser said no. Installing the app usually helps.",
    );
  return answer ? (
    <p role="status">{answer}</p>
  ) : (
    <button type="button" class="button tinted" onClick={() => void ask()}>
      Ask the browser to keep this safe
    </button>
  );
}

function LeaveSheet({ onClose, onSignOut }: { onClose: () => void; onSignOut: () => Promise<void> }) {
  const photos = photosUnsent();
  const waiting = (overall.value?.waiting ?? 0) + (overall.value?.needsYou ?? 0) + photos;
  const kept = overall.value?.kept ?? 0;
  return (
    <Sheet
      title={waiting ? "Sign out with unsent work?" : "Sign out?"}
      onClose={onClose}
      footer={
        <>
          <button type="button" class="button" onClick={onClose}>
            Stay
          </button>
          <button
            type="button"
            class={`button ${waiting ? "danger" : "main"}`}
            onClick={() => void onSignOut()}
          >
            Sign out
          </button>
        </>
      }
    >
      {waiting ? (
        <p>
          <strong>
            {waiting} {waiting === 1 ? "thing has" : "things have"} not reached the shop.
          </strong>{" "}
          {photos > 0 && `${photos} of them ${photos === 1 ? "is a photo" : "are photos"}. `}
          It stays on this device and is sent when you sign in here again. Nobody else who signs in here can
          see or send it.
        </p>
      ) : (
        <p>Everything you did is at the shop. To sign in again you need a network.</p>
      )}
      {!waiting && kept > 0 && (
        <p>
          <strong>{keptWords(kept)}.</strong> Signing out removes {kept === 1 ? "it" : "them"} from this
          phone. If the shop then has to go back to a backup, {kept === 1 ? "it is" : "they are"} lost.
        </p>
      )}
    </Sheet>
  );
}
