/** Keys for a desk: all that is frequent without the mouse. None act while somebody types or a sheet is open. */
import { signal } from "@preact/signals";
import { go, path } from "../../ui/router";
import { Sheet } from "../../ui/sheet";
import { openHistory } from "../history/open";
import { record } from "../live";
import { may } from "../rights";
import { sheetOpen } from "../sync/chip";
import { statusSheet } from "../work/actions";
import { openCamera } from "./nav";

export const helpOpen = signal(false);

const KEYS: [string, string][] = [
  ["j", "Next in the list"],
  ["k", "Previous in the list"],
  ["/", "Search"],
  ["n", "New work order"],
  ["e", "Edit what is open"],
  ["s", "Change its status"],
  ["t", "Write a note"],
  ["c", "Camera"],
  ["h", "Its history"],
  ["1 2", "Now, Jobs"],
  ["y", "Sync"],
  ["?", "These keys"],
];

function open(): string | null {
  return /^\/work\/([^/]+)$/.exec(path.value)?.[1] ?? null;
}

/** Goes to the work order below or above the open one in the list at the side. */
function step(by: number): void {
  const rows = [...document.querySelectorAll<HTMLAnchorElement>("a[data-order]")];
  const at = rows.findIndex(
    (row) => row.dataset.order === (open() ?? document.activeElement?.getAttribute("data-order")),
  );
  const row = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
  if (!row) return;
  row.scrollIntoView({ block: "nearest" });
  row.click();
}

function search(): void {
  if (!document.getElementById("search")) go("/jobs");
  requestAnimationFrame(() => document.getElementById("search")?.focus());
}

const ACTIONS: Record<string, () => void> = {
  j: () => step(1),
  k: () => step(-1),
  "/": search,
  n: () => {
    if (may("c", "work_order")) go("/new");
  },
  e: () => {
    const id = open();
    if (id) go(`/work/${id}/edit`);
  },
  s: () => {
    const id = open();
    if (id && record("work_order", id)) statusSheet.value = id;
  },
  t: () => document.querySelector<HTMLElement>(".composer textarea")?.focus(),
  c: () => {
    if (may("c", "photo")) openCamera();
  },
  h: () => {
    const id = open();
    if (id && record("work_order", id)) openHistory("work_order", id);
  },
  "1": () => go("/"),
  "2": () => go("/jobs"),
  y: () => {
    sheetOpen.value = true;
  },
  "?": () => {
    helpOpen.value = true;
  },
};

export function startKeys(): () => void {
  const hear = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
    const target = event.target as HTMLElement;
    if (target.closest("input, textarea, select, [contenteditable]")) {
      if (event.key !== "Escape") return;
      event.preventDefault();
      target.blur();
      return;
    }
    const action = ACTIONS[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  addEventListener("keydown", hear);
  return () => removeEventListener("keydown", hear);
}

export function HelpSheet() {
  if (!helpOpen.value) return null;
  return (
    <Sheet title="Keys" onClose={() => (helpOpen.value = false)}>
      <dl class="facts keys">
        {KEYS.map(([key, what]) => (
          <>
            <dt>
              <kbd class="kbd">{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
    </Sheet>
  );
}
