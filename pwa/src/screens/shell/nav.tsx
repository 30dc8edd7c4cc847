/** Where one can go: a bar below on phones, a rail at the side at a desk. */
import { signal } from "@preact/signals";
import { Icon, type IconName } from "../../ui/icons";
import { path } from "../../ui/router";
import { overall, shop } from "../live";
import { may } from "../rights";

export const PLACES: { to: string; icon: IconName; label: string }[] = [
  { to: "/", icon: "now", label: "Now" },
  { to: "/jobs", icon: "jobs", label: "Jobs" },
  { to: "/new", icon: "plus", label: "New" },
  { to: "/more", icon: "more", label: "More" },
];

/** The list one came from: it stays marked, and at a desk stays in sight, while a work order is open. */
export const lastList = signal("/");

function current(to: string): boolean {
  const at = path.value;
  if (at.startsWith("/work/")) return to === lastList.value;
  return to === at || (to === "/more" && ["/needs-you", "/devices"].includes(at));
}

export function Nav() {
  const needs = overall.value?.needsYou ?? 0;
  return (
    <nav class="nav" aria-label="Main">
      <a class="mark" href="/" aria-label={`${String(shop.value.name ?? "Workbay")}, to Now`}>
        <Icon name="wrench" />
      </a>
      {PLACES.filter(({ to }) => to !== "/new" || may("c", "work_order")).map(({ to, icon, label }) => (
        <a key={to} href={to} aria-current={current(to) ? "page" : undefined}>
          <span class="pill">
            <Icon name={icon} />
            {to === "/more" && needs > 0 && <i class="dot" role="img" aria-label={`${needs} need you`} />}
          </span>
          <span>{label}</span>
        </a>
      ))}
    </nav>
  );
}
