/** Bars above the screen: a new version, no network, the first download, a session that is over. */
import { signal } from "@preact/signals";
import { Meter } from "../../ui/badges";
import { Icon } from "../../ui/icons";
import { overall, records } from "../live";
import { troubleWords } from "../sync/sheet";
import { newVersion, takeNewVersion } from "./version";

const later = signal(false);

export function News({ onSignIn }: { onSignIn?: () => void }) {
  const all = overall.value;
  return (
    <>
      {newVersion.value && !later.value && (
        <div class="news" role="status">
          <span class="grow">A new version is ready.</span>
          <button type="button" class="button" onClick={takeNewVersion}>
            Reload
          </button>
          <button
            type="button"
            class="button icon-only"
            aria-label="Later"
            onClick={() => (later.value = true)}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
      {all?.bootstrapping != null && (
        <div class="hint-bar" role="status">
          <span>Fetching the shop's work: {Math.round(all.bootstrapping * 100)} %</span>
          <Meter done={Math.round(all.bootstrapping * 100)} total={100} label="First download" />
        </div>
      )}
      {all?.trouble && <Hint onSignIn={onSignIn} />}
    </>
  );
}

function Hint({ onSignIn }: { onSignIn?: () => void }) {
  const trouble = overall.value?.trouble ?? null;
  // A shop always has staff: without any, all that was here is gone.
  if (trouble === "signed_out" && records("staff").length === 0) return <Emptied />;
  return (
    <div class={`hint-bar row ${trouble === "offline" ? "" : "strong"}`} role="status">
      <Icon name={trouble === "offline" ? "offline" : "alert"} />
      <span class="grow">{troubleWords(trouble)}</span>
      {trouble === "signed_out" && onSignIn && (
        <button type="button" class="button" onClick={onSignIn}>
          Sign in
        </button>
      )}
    </div>
  );
}

/** The browser cleared its storage, or another tab signed out: whether the session is over is not known here. */
function Emptied() {
  return (
    <div class="hint-bar row strong" role="alert">
      <Icon name="alert" />
      <span class="grow">
        Nothing of the shop is on this phone any more: its storage was cleared, or you signed out in another
        tab. What had not been sent by then is gone from here.
      </span>
      <button type="button" class="button" onClick={() => location.assign("/")}>
        Start over
      </button>
    </div>
  );
}
