/** Bars above the screen: a new version, no network, the first download, a session that is over. */
import { signal } from "@preact/signals";
import { Meter } from "../../ui/badges";
import { Icon } from "../../ui/icons";
import { overall } from "../live";
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
