/** One refused change: who, on which device, when, why, and every value that was tried. */
import type { Op, Parked } from "../../sync/types";
import { initials } from "../../ui/data";
import { stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { record } from "../live";
import { opValues, opWords, reasonWords, valueWords } from "../sync/reasons";
import type { Refused } from "./fetch";
import type { ToldOp } from "./plan";

interface Props {
  one: Refused;
  onTake: () => void;
  onAside: () => void;
}

/** As the words for ops and reasons take it. */
export const asOp = (op: ToldOp): Op => ({ base: {}, ...op, id: op.id ?? "" }) as Op;

const reasonOf = (one: Refused) => reasonWords(one as unknown as Parked);

export function RefusedCard({ one, onTake, onAside }: Props) {
  const told = [one.device, stamp(one.edited_at)].filter(Boolean).join(" · ");
  return (
    <section class="card pad stack" aria-label={`${one.name}: ${reasonOf(one)}`}>
      <div class="row">
        <span class="avatar" aria-hidden="true">
          {initials(one.name)}
        </span>
        <div class="grow">
          <strong class="block">{one.name || "Somebody"}</strong>
          <span class="soft small number">{told}</span>
        </div>
        {one.revoked && <span class="tag">device taken off</span>}
      </div>
      <div class="banner tone-red">
        <Icon name="alert" />
        <span class="grow">{reasonOf(one)}</span>
      </div>
      {one.unreadable !== undefined && <p class="quote">{one.unreadable || "It could not be read."}</p>}
      <ul class="stack-tight">
        {one.ops.map((op, i) => (
          <ToldLine key={i} op={op} />
        ))}
      </ul>
      {one.settled && <p class="soft small">{settledWords(one.settled)}</p>}
      {!one.settled && !record("recovery", one.key) && (
        <div class="row wrap stretch">
          <button type="button" class="button main grow" disabled={one.ops.length === 0} onClick={onTake}>
            <Icon name="hand" /> Take over
          </button>
          <button type="button" class="button" onClick={onAside}>
            Set aside
          </button>
        </div>
      )}
    </section>
  );
}

function ToldLine({ op }: { op: ToldOp }) {
  return (
    <li>
      <strong>{opWords(asOp(op))}</strong>
      {!op.id && <span class="soft small block">It is no longer there.</span>}
      {opValues(asOp(op)).map((value) => (
        <p key={value.field} class="quote">
          <span class="small soft block">{value.label}</span>
          {valueWords(value.field, value.value)}
        </p>
      ))}
    </li>
  );
}

const HOW: Record<string, string> = {
  taken_over: "Taken over",
  dismissed: "Set aside",
  sent_again: "Sent again",
  discarded: "Given up",
};

function settledWords({ how, reason, name, at }: NonNullable<Refused["settled"]>): string {
  const told = `${HOW[how] ?? "Settled"} by ${name || "somebody"}, ${stamp(at)}`;
  return reason ? `${told}: ${reason}` : told;
}
