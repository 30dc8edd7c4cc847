/** A link that was just made: to be shared, copied or scanned, now or never, since nobody can look it up again. */
import { Icon } from "../../ui/icons";
import { toast } from "../../ui/toast";
import type { Made } from "./fetch";
import { dayOf } from "./words";

const canShare = typeof navigator.share === "function";

async function share(made: Made): Promise<void> {
  try {
    await navigator.share({ title: made.title, url: made.url });
  } catch (cause) {
    // Closing the list of apps is no failure.
    if (!(cause instanceof Error && cause.name === "AbortError")) await copy(made.url);
  }
}

async function copy(url: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(url);
    toast("The link is copied.");
  } catch {
    toast("This browser does not let us copy. Press the link for a while to copy it.", { bad: true });
  }
}

export function NewLink({ made, onDone }: { made: Made; onDone: () => void }) {
  return (
    <section class="stack" aria-label="The new link">
      <p class="banner tone-green">
        <Icon name="check" />
        <span class="grow">
          <strong class="block">{made.title}</strong>
          Works until {dayOf(made.expires_at, Date.now())}
          {made.password && ", with the password you chose"}.
        </span>
      </p>
      <p>
        <strong>Hand it on now.</strong> The link is shown this once and cannot be looked up again.
      </p>
      <div class="link-box">
        <img class="qr" src={made.qr} alt="The link as a code to scan with a phone's camera" />
        <input
          class="input link-text"
          readOnly
          aria-label="The link"
          value={made.url}
          onFocus={(event) => event.currentTarget.select()}
        />
      </div>
      <div class="row stretch">
        {canShare && (
          <button type="button" class="button main grow" onClick={() => void share(made)}>
            <Icon name="share" /> Share
          </button>
        )}
        <button
          type="button"
          class={`button grow ${canShare ? "" : "main"}`}
          onClick={() => void copy(made.url)}
        >
          <Icon name="link" /> Copy link
        </button>
        <button type="button" class="button grow" onClick={onDone}>
          Done
        </button>
      </div>
    </section>
  );
}
