/** The bar at the thumb: the step that usually comes next, the timer, and a sheet with all steps. */
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { Draft, Shown } from "../../sync/types";
import { StatusBadge, StatusDisc } from "../../ui/badges";
import { flag, text } from "../../ui/data";
import { AreaField } from "../../ui/field";
import { Icon } from "../../ui/icons";
import { Sheet } from "../../ui/sheet";
import { inner, word } from "../../ui/words";
import { act, patch } from "../act";
import { children, me, must, record, shop } from "../live";
import { cameraFor } from "../photos/camera/open";
import { may, maySet } from "../rights";
import { orderOf, runningWork, startTimer, stopTimer } from "../timesheet/timer";
import { isOpen, numberOf, statusOf } from "./facts";
import { nextStep, type Rights, type Step, stepsFrom } from "./steps";

/** The work order whose status sheet is open, if any. */
export const statusSheet = signal<string | null>(null);

export function rights(): Rights {
  const set = shop.value;
  return {
    role: me.value.role,
    qcRequired: flag(set.qc_required),
    readyNeedsTasks: flag(set.ready_needs_tasks),
    techMayClose: flag(set.tech_may_close),
  };
}

const openTasks = (order: Shown) => children(order.id, "task").filter((one) => one.data.done !== true).length;

/** Status, reason and time change together. */
async function take(order: Shown, to: string, reason: string | null): Promise<boolean> {
  const from = statusOf(order);
  const set = { status: to, status_reason: reason, status_at: Date.now() };
  const back = () => stepBack(order.id, from, to);
  return act(
    [patch("work_order", order.id, set)],
    `${numberOf(order) ?? word("work_order")}: ${inner(`status.${to}`)}`,
    back,
  );
}

/** Undoing a status that was sent is a step of its own: only where it is allowed, and nobody has gone on since. */
function stepBack(id: string, from: string, to: string): Draft[] | null {
  const order = must().get("work_order", id);
  if (!order || statusOf(order) !== to) return null;
  const step = stepsFrom(to, rights(), openTasks(order)).find((one) => one.to === from && !one.blocked);
  const set = { status: from, status_reason: step?.reason ? "taken back" : null, status_at: Date.now() };
  return step ? [patch("work_order", id, set)] : null;
}

export function ActionBar({ order }: { order: Shown }) {
  const next = nextStep(statusOf(order), rights(), openTasks(order));
  const runs = runningWork.value !== null && orderOf(runningWork.value) === order.id;
  return (
    <div class="action-bar" role="toolbar" aria-label="Actions">
      {maySet("work_order", "complaint") && (
        <a class="button desk-only" href={`/work/${order.id}/edit`}>
          <Icon name="edit" /> Edit
        </a>
      )}
      {(runs || isOpen(order)) && me.value.role !== "parts" && (
        <button
          type="button"
          class="button timer-button"
          aria-label={runs ? "Stop timer" : "Start timer"}
          onClick={() => void (runs ? stopTimer() : startTimer(order.id))}
        >
          <Icon name={runs ? "stop" : "play"} />
          <span class="action-word">{runs ? "Stop" : "Timer"}</span>
        </button>
      )}
      {may("c", "photo") && (
        <button
          type="button"
          class="button photo-button"
          aria-label="Take photos"
          title="Camera (c)"
          onClick={() => (cameraFor.value = order.id)}
        >
          <Icon name="camera" />
          <span class="action-word">Photo</span>
        </button>
      )}
      {next && !next.step.blocked ? (
        <button type="button" class="button main grow" onClick={() => void take(order, next.step.to, null)}>
          {next.words}
        </button>
      ) : (
        <button type="button" class="button main grow" onClick={() => (statusSheet.value = order.id)}>
          Change status
        </button>
      )}
      {next && !next.step.blocked && (
        <button
          type="button"
          class="button icon-only tall"
          aria-label="All steps"
          title="All steps (s)"
          onClick={() => (statusSheet.value = order.id)}
        >
          <Icon name="steps" />
        </button>
      )}
    </div>
  );
}

export function StatusSheet() {
  const order = record("work_order", statusSheet.value);
  const [chosen, choose] = useState<Step | null>(null);
  const [reason, setReason] = useState("");
  if (!order) return null;
  const close = () => {
    statusSheet.value = null;
    choose(null);
    setReason("");
  };
  const step = async (one: Step) => {
    if (one.reason && !reason.trim()) choose(one);
    else if (await take(order, one.to, one.reason ? reason.trim() : null)) close();
  };
  const asked = chosen && (
    <button type="button" class="button main" disabled={!reason.trim()} onClick={() => void step(chosen)}>
      {`Set to ${inner(`status.${chosen.to}`)}`}
    </button>
  );
  return (
    <Sheet title={chosen ? "Why?" : "Change status"} onClose={close} footer={asked}>
      {chosen ? (
        <Why step={chosen} reason={reason} onReason={setReason} />
      ) : (
        <Steps order={order} onStep={step} />
      )}
    </Sheet>
  );
}

function Steps({ order, onStep }: { order: Shown; onStep: (one: Step) => void }) {
  const offered = stepsFrom(statusOf(order), rights(), openTasks(order));
  const next = nextStep(statusOf(order), rights(), openTasks(order))?.step.to;
  const sorted = [...offered].sort((a, b) => Number(b.to === next) - Number(a.to === next));
  return (
    <>
      <p class="row wrap soft">
        Now <StatusBadge status={statusOf(order)} />
      </p>
      {offered.length === 0 && <p>Nothing to change here for you. Ask the office if this is not right.</p>}
      <ul class="stack-tight">
        {sorted.map((one) => (
          <li key={one.to}>
            <button type="button" class="choice" disabled={Boolean(one.blocked)} onClick={() => onStep(one)}>
              <StatusDisc status={one.to} />
              <span class="grow">
                {word(`status.${one.to}`)}
                {(one.blocked || one.reason) && <span class="why">{one.blocked ?? "asks for a reason"}</span>}
              </span>
              {one.to === next && <span class="tag">usually next</span>}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Why({ step, reason, onReason }: { step: Step; reason: string; onReason: (value: string) => void }) {
  return (
    <>
      <p class="row wrap">
        <StatusBadge status={step.to} size="large" />
      </p>
      <AreaField
        label="Reason"
        value={text(reason)}
        onInput={onReason}
        required
        autofocus
        hint="Everybody who opens this sees it."
      />
    </>
  );
}
