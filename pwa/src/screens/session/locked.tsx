/** The lock of an app that was out of touch too long, and what a wiped device says. Nothing of the shop is on either. */
import { useState } from "preact/hooks";
import { wipeRead } from "../../sync/browser/wipe";
import { stamp } from "../../ui/format";
import { Icon, type IconName } from "../../ui/icons";
import { must, overall } from "../live";

export function Locked({ onSignIn }: { onSignIn: () => void }) {
  const [asking, setAsking] = useState(false);
  const [told, setTold] = useState("");
  const waiting = overall.value?.waiting ?? 0;
  const ask = async () => {
    setAsking(true);
    setTold("");
    await must()
      .syncNow()
      .catch(() => undefined);
    setAsking(false);
    if (overall.peek()?.locked) setTold("The shop could not be reached. A network is needed to unlock.");
  };
  return (
    <Closed icon="lock" title="Locked">
      <p>
        This device has not been in touch with the shop for too long, so the shop's work is not shown until it
        has been.
      </p>
      {waiting > 0 && (
        <p class="banner tone-blue">
          <Icon name="phone" />
          <span class="grow">
            <strong>
              {waiting} {waiting === 1 ? "change waits" : "changes wait"} on this phone.
            </strong>{" "}
            {waiting === 1 ? "It is" : "They are"} kept, and sent as soon as you are signed in.
          </span>
        </p>
      )}
      <button type="button" class="button main wide" onClick={onSignIn}>
        Sign in
      </button>
      <button type="button" class="button wide" disabled={asking} onClick={() => void ask()}>
        <Icon name="sync" /> {asking ? "Asking the shop" : "Ask the shop again"}
      </button>
      {told && (
        <p class="soft mid centre" role="status">
          {told}
        </p>
      )}
    </Closed>
  );
}

/** `at` is when it happened, where that is known. */
export function WipedScreen({ handed, at, onSignIn }: { handed: number; at?: number; onSignIn: () => void }) {
  const leave = () => {
    wipeRead();
    onSignIn();
  };
  return (
    <Closed icon="shield" title="Removed from this device">
      <p>
        A manager took this device off the shop's list{at ? ` (${stamp(at)})` : ""}. The shop's work that was
        on it has been removed.
      </p>
      <p>
        {handed > 0
          ? `${handed} ${handed === 1 ? "change" : "changes"} that had not been sent ${handed === 1 ? "was" : "were"} handed over first. A manager can look at ${handed === 1 ? "it" : "them"}; nothing of it was entered by itself.`
          : "Nothing was waiting to be sent."}
      </p>
      <button type="button" class="button main wide" onClick={leave}>
        Sign in again
      </button>
      <p class="soft mid centre">Was this a mistake? Ask a manager, then sign in again.</p>
    </Closed>
  );
}

function Closed(props: { icon: IconName; title: string; children: preact.ComponentChildren }) {
  return (
    <main class="signin" id="main">
      <div class="signin-head">
        <span class="mark" aria-hidden="true">
          <Icon name={props.icon} />
        </span>
        <h1>{props.title}</h1>
      </div>
      <div class="card pad stack">{props.children}</div>
    </main>
  );
}
