/** The shop's name, colour and words before anybody is signed in; kept, so that the page looks the same off line. */
import { remember, remembered } from "../../ui/memory";
import { setAccent } from "../../ui/theme";
import { setWords } from "../../ui/words";

export interface Branding {
  id: string;
  name: string;
  colour: string;
  locale: string;
  words: Record<string, string>;
}

const KEY = "workbay.branding";

export function keptBranding(): Branding | null {
  try {
    return JSON.parse(remembered(KEY) ?? "null") as Branding | null;
  } catch {
    return null;
  }
}

export function wear(branding: Branding | null): void {
  if (!branding) return;
  setAccent(branding.colour);
  setWords(branding.words);
  if (branding.name) document.title = branding.name;
}

/** Asks the shop; without a network what was kept stays. */
export async function fetchBranding(): Promise<Branding | null> {
  try {
    const answer = await fetch("/api/shop", { signal: AbortSignal.timeout(4000) });
    if (!answer.ok) return keptBranding();
    const branding = (await answer.json()) as Branding;
    remember(KEY, JSON.stringify(branding));
    return branding;
  } catch {
    return keptBranding();
  }
}
