/** Whether there is room for three panes. A signal, so that only one of the layouts is in the page at a time. */
import { signal } from "@preact/signals";

const media = matchMedia("(min-width: 1080px)");

export const wide = signal(media.matches);
media.addEventListener("change", () => {
  wide.value = media.matches;
});
