/** The running timer, always in sight; it leads to the work order it runs on. */
import { running } from "../../ui/format";
import { elapsed, now, orderOf, runningWork } from "./timer";

export function TimerChip() {
  const entry = runningWork.value;
  if (!entry) return null;
  const time = running(elapsed(entry, now.value));
  return (
    <a
      class="timer-chip number"
      href={`/work/${orderOf(entry)}`}
      aria-label={`Timer running: ${time}. Open its work order.`}
    >
      <i class="pulse" aria-hidden="true" />
      {time}
    </a>
  );
}
