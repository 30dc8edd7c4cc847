/** Installing: the browser's own prompt where there is one, a hint where there is none (iOS). */
import { signal } from "@preact/signals";
import { Icon } from "../../ui/icons";

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

const prompt = signal<InstallPrompt | null>(null);

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  prompt.value = event as InstallPrompt;
});
addEventListener("appinstalled", () => {
  prompt.value = null;
});

const installed = () =>
  matchMedia("(display-mode: standalone)").matches ||
  (navigator as { standalone?: boolean }).standalone === true;
const isApple = () =>
  /iPhone|iPad/.test(navigator.userAgent) ||
  (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);

export function InstallCard() {
  if (installed()) return null;
  if (!prompt.value && !isApple()) return null;
  return (
    <section class="card pad stack" aria-labelledby="install-title">
      <h2 id="install-title">Put this app on the home screen</h2>
      {prompt.value ? (
        <>
          <p class="soft">It opens faster, without the browser's bars, and its data is kept safer.</p>
          <button type="button" class="button tinted" onClick={() => void prompt.value?.prompt()}>
            <Icon name="download" /> Install
          </button>
        </>
      ) : (
        <p>
          Tap <Icon name="share" label="Share" /> <strong>Share</strong>, then{" "}
          <strong>Add to Home Screen</strong>. Do this first and sign in there: what is kept in this browser
          does not move along.
        </p>
      )}
    </section>
  );
}
