/** Older work: what the shop has and this phone no longer holds, looked for only when asked, and fetched for a week. */
import { useEffect, useState } from "preact/hooks";
import type { Older } from "../../sync/types";
import { StatusBadge, StatusDisc } from "../../ui/badges";
import { first } from "../../ui/data";
import { when } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { go } from "../../ui/router";
import { toast } from "../../ui/toast";
import { inner } from "../../ui/words";
import { must, overall, record } from "../live";
import { customerName, equipmentName } from "./facts";

const NO_ANSWER: Older = {
  found: [],
  more: false,
  problem: "The shop could not be asked. Try again when there is a network.",
};

/** `nothing` stands where the phone itself has nothing, until the shop has answered. */
export function OlderWork({ words, nothing }: { words: string; nothing?: preact.ComponentChildren }) {
  const [answer, setAnswer] = useState<Older | "asking" | null>(null);
  useEffect(() => setAnswer(null), [words]);
  const ask = async () => {
    setAnswer("asking");
    setAnswer((await must().search(words)) ?? NO_ANSWER);
  };
  if (answer && answer !== "asking")
    return (
      <>
        {nothing && <p class="soft mid">Nothing on this phone for “{words}”.</p>}
        <Found answer={answer} onAgain={() => void ask()} />
      </>
    );
  return (
    <>
      {nothing}
      {overall.value?.online ? (
        <button type="button" class="button wide" disabled={answer === "asking"} onClick={() => void ask()}>
          <Icon name="history" /> {answer === "asking" ? "Asking the shop" : "Search older work"}
        </button>
      ) : (
        <p class="soft mid centre">
          Older work is at the shop only. It can be searched when there is a network.
        </p>
      )}
    </>
  );
}

function Found({ answer, onAgain }: { answer: Older; onAgain: () => void }) {
  if (answer.problem)
    return (
      <div class="banner tone-amber" role="status">
        <Icon name="alert" /> <span class="grow">{answer.problem}</span>
        <button type="button" class="button" onClick={onAgain}>
          Try again
        </button>
      </div>
    );
  return (
    <section class="stack-tight" aria-label="Older work">
      <h2>Older work</h2>
      <p class="soft mid" role="status">
        {wordsOf(answer)}
      </p>
      {answer.found.length > 0 && (
        <div class="order-list card">
          {answer.found.map((one) => (
            <Row key={one.id} one={one} />
          ))}
        </div>
      )}
    </section>
  );
}

function wordsOf({ found, more }: Older): string {
  if (found.length === 0)
    return more
      ? "Nothing among the newest 20,000. A number or a name finds more."
      : "The shop has no older work with these words. Fewer words, a number or a name find more.";
  const many = more ? `The newest ${found.length}, and there are more` : `${found.length} found`;
  return `${many}. What you open stays on this phone for 7 days.`;
}

function Row({ one }: { one: Older["found"][number] }) {
  const [busy, setBusy] = useState(false);
  const customer = record("customer", one.customer)?.data;
  const equipment = record("equipment", one.equipment)?.data;
  const open = async () => {
    setBusy(true);
    const here = await must()
      .want(one.id)
      .catch(() => false);
    setBusy(false);
    if (here) go(`/work/${one.id}`);
    else toast("It could not be fetched just now. Please try again.", { bad: true });
  };
  return (
    <button type="button" class="order-row" disabled={busy} data-older={one.id} onClick={() => void open()}>
      <StatusDisc status={one.status ?? ""} />
      <span class="grow block">
        <span class="row line">
          <strong class="grow clip">{customerName(customer) || "No customer"}</strong>
          <span class="order-number number soft">{one.number}</span>
        </span>
        <span class="soft mid clip block">{first(equipmentName(equipment), `No ${inner("equipment")}`)}</span>
        <span class="what clip-2 block">{first(one.complaint, "No complaint written down")}</span>
        <span class="row wrap marks">
          <StatusBadge status={one.status ?? ""} size="bare" />
          {one.closed_at ? <span class="due number soft">{when(one.closed_at)}</span> : null}
          {busy && <span class="soft mid">Fetching</span>}
        </span>
      </span>
    </button>
  );
}
