/** Short news at the foot of the screen, with Undo where it can be undone. It stays while touched or focused. */
import { signal } from "@preact/signals";
import { Icon } from "./icons";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
  action?: { label: string; run: () => void };
}

/** Open sheets, the topmost last. A sheet makes all behind it inert and dim, so news is shown in the topmost. */
export const layers = signal<string[]>([]);
const shown = signal<Toast[]>([]);
let count = 0;
const timers = new Map<number, ReturnType<typeof setTimeout>>();
const STAYS_MS = 7000;

export function toast(text: string, options: { bad?: boolean; action?: Toast["action"] } = {}): void {
  count += 1;
  const next: Toast = { id: count, text, bad: options.bad ?? false, action: options.action };
  shown.value = [next];
  release(next.id);
}

function close(id: number): void {
  hold(id);
  shown.value = shown.value.filter((one) => one.id !== id);
}

function hold(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
}

function release(id: number): void {
  hold(id);
  timers.set(
    id,
    setTimeout(() => close(id), STAYS_MS),
  );
}

export function Toasts({ layer = "" }: { layer?: string }) {
  if ((layers.value.at(-1) ?? "") !== layer) return null;
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.value.map((one) => (
        <div
          key={one.id}
          class={`toast ${one.bad ? "bad-news" : ""}`}
          onPointerEnter={() => hold(one.id)}
          onPointerLeave={() => release(one.id)}
          onFocusIn={() => hold(one.id)}
          onFocusOut={() => release(one.id)}
        >
          {one.bad && <Icon name="alert" />}
          <span class="grow">{one.text}</span>
          {one.action && (
            <button
              type="button"
              class="button"
              onClick={() => {
                one.action?.run();
                close(one.id);
              }}
            >
              {one.action.label}
            </button>
          )}
          <button
            type="button"
            class="button icon-only"
            aria-label="Hide this message"
            onClick={() => close(one.id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
