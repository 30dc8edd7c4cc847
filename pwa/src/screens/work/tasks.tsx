/** Tasks with targets that a gloved thumb hits; ticking is one tap and can be undone. */
import type { Shown } from "../../sync/types";
import { newId } from "../../sync/types";
import { Meter } from "../../ui/badges";
import { flag, num, text } from "../../ui/data";
import { useDraft } from "../../ui/draft";
import { minutes, stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { act, create, patch } from "../act";
import { children, me, record } from "../live";
import { ItemSync } from "../syncwords";

export const byPosition = (one: Shown, other: Shown) =>
  (num(one.data.position) ?? 1e9) - (num(other.data.position) ?? 1e9) || one.id.localeCompare(other.id);

/** Whether it is done, and when, change together. */
async function tick(task: Shown): Promise<void> {
  const done = !flag(task.data.done);
  await act(
    [patch("task", task.id, { done, done_at: done ? Date.now() : null })],
    done ? `Done: ${text(task.data.title)}` : `Open again: ${text(task.data.title)}`,
  );
}

export function TasksCard({ order }: { order: Shown }) {
  const tasks = children(order.id, "task").sort(byPosition);
  const done = tasks.filter((one) => flag(one.data.done)).length;
  const may = me.value.role !== "parts";
  return (
    <section class="card" aria-labelledby="tasks-title">
      <header>
        <h2 id="tasks-title">Tasks</h2>
        {tasks.length > 0 && (
          <span class="soft number pad-right">
            {done} of {tasks.length} done
          </span>
        )}
      </header>
      <div class="body">
        {tasks.length > 0 && <Meter done={done} total={tasks.length} label="Tasks done" />}
        <ul class="tasks">
          {tasks.map((task) => (
            <TaskRow key={task.id} task={task} may={may} />
          ))}
        </ul>
        {may && <AddTask order={order} last={tasks.at(-1)} />}
        {!may && tasks.length === 0 && <p class="soft">No tasks yet.</p>}
      </div>
    </section>
  );
}

function TaskRow({ task, may }: { task: Shown; may: boolean }) {
  const done = flag(task.data.done);
  const doneBy = text(record("staff", task.data.done_by)?.data.name);
  const doneAt = num(task.data.done_at);
  const estimate = num(task.data.estimated_minutes);
  return (
    <li>
      <label class="task">
        <input type="checkbox" checked={done} disabled={!may} onChange={() => void tick(task)} />
        <span class="box" aria-hidden="true">
          <Icon name="check" />
        </span>
        <span class="grow">
          <span class={done ? "task-title done" : "task-title"}>{text(task.data.title)}</span>
          <span class="row wrap small soft">
            {done && doneAt !== null && (
              <span class="number">{[doneBy, stamp(doneAt)].filter(Boolean).join(", ")}</span>
            )}
            {!done && estimate ? <span class="number">about {minutes(estimate)}</span> : null}
            <ItemSync id={task.id} quiet />
          </span>
        </span>
      </label>
    </li>
  );
}

function AddTask({ order, last }: { order: Shown; last: Shown | undefined }) {
  const draft = useDraft(`task.${order.id}`, () => "");
  const add = async (event: Event) => {
    event.preventDefault();
    const title = draft.value.value.trim();
    if (!title) return;
    const position = (num(last?.data.position) ?? 0) + 1;
    if (await act([create("task", newId(), { work_order: order.id, title, position })], "Task added"))
      draft.clear();
  };
  return (
    <form class="row add-line" onSubmit={add}>
      <input
        class="input"
        aria-label="New task"
        placeholder="Add a task"
        value={draft.value.value}
        onInput={(event) => draft.set(event.currentTarget.value)}
        enterkeyhint="done"
      />
      <button
        type="submit"
        class="button icon-only tall"
        aria-label="Add task"
        disabled={!draft.value.value.trim()}
      >
        <Icon name="plus" />
      </button>
    </form>
  );
}
