/** Comparing this phone with the shop: a button, how far it is, and what came of it, in words. */
import { useState } from "preact/hooks";
import type { Checked, Overall } from "../../sync/types";
import { Meter } from "../../ui/badges";
import { stamp } from "../../ui/format";
import { must } from "../live";

export function CheckCard({ all }: { all: Overall }) {
  const [asked, setAsked] = useState<"no" | "running" | "not now">("no");
  const run = async () => {
    setAsked("running");
    const checked = await must()
      .verify()
      .catch(() => null);
    setAsked(checked ? "no" : "not now");
  };
  const running = asked === "running" || all.checking !== null;
  return (
    <section class="check stack-tight" aria-label="Check against the shop">
      <button type="button" class="button wide mid" disabled={running} onClick={() => void run()}>
        Check this phone against the shop
      </button>
      {running ? (
        <div role="status">
          <p class="soft mid">Comparing every record with the shop{percent(all.checking)}</p>
          <Meter done={Math.round((all.checking ?? 0) * 100)} total={100} label="Comparing" />
        </div>
      ) : (
        <p class="soft mid" role="status">
          {asked === "not now" ? notNow(all) : resultWords(all.checked)}
        </p>
      )}
    </section>
  );
}

const percent = (share: number | null) => (share === null ? "" : `: ${Math.round(share * 100)} %`);

function notNow(all: Overall): string {
  return all.trouble
    ? "The shop could not be reached, so nothing was compared. What is here stays as it is."
    : "The shop changed while it was compared. Please try once more.";
}

/** What came of the last comparison, whoever asked for it. */
export function resultWords(checked: Checked | null): string {
  if (!checked) return "Not compared yet. This happens by itself after the first download and once a day.";
  const { records, mended, ok, at } = checked;
  const when = `Compared ${stamp(at)}.`;
  const many = records.toLocaleString("en");
  if (!ok)
    return `Some records still differ from the shop. Your own work is safe, and the shop's operator was told. ${when}`;
  if (mended === 0) return `All ${many} records are the same as at the shop. ${when}`;
  const which = mended === 1 ? "1 record was" : `${mended} records were`;
  return `${which} not the same and ${mended === 1 ? "was" : "were"} mended. All ${many} are right now. ${when}`;
}
