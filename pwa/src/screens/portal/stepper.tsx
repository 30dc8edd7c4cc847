/** The six stages in a row, or one under the other where there is little room. */
import type { Shown } from "../../sync/types";
import { num } from "../../ui/data";
import { stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { STAGES, stageOf } from "./stages";

export function Stepper({ order }: { order: Shown }) {
  const at = stageOf(order);
  const since = num(order.data.status_at);
  if (at < 0) return null;
  return (
    <ol class="stepper" aria-label="How far it is">
      {STAGES.map((name, i) => (
        <li
          key={name}
          class={i < at ? "done" : i === at ? "here" : ""}
          aria-current={i === at ? "step" : undefined}
        >
          <span class="dot" aria-hidden="true">
            {i < at || at === STAGES.length - 1 ? <Icon name="check" /> : i + 1}
          </span>
          <span>
            {name}
            <span class="hidden-label">{i < at ? ", done" : i === at ? ", now" : ", later"}</span>
            {i === at && since !== null && <span class="small soft number block">since {stamp(since)}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** The same as a thin bar for cards. */
export function StageBar({ order }: { order: Shown }) {
  const at = stageOf(order);
  if (at < 0) return null;
  return (
    <div class="stage-bar" role="img" aria-label={`${STAGES[at]}, step ${at + 1} of ${STAGES.length}`}>
      {STAGES.map((name, i) => (
        <i key={name} class={i <= at ? "on" : ""} />
      ))}
    </div>
  );
}
