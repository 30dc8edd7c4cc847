/** Where one can go: a bar below on phones, a rail at the side at a desk. */
import { signal } from "@preact/signals";
import { Icon, type IconName } from "../../ui/icons";
import { path } from "../../ui/router";
import { overall, record, shop } from "../live";
import { cameraFor } from "../photos/camera/open";
import { filesOverall } from "../photos/media";
import { may } from "../rights";

/** No address: it opens over the screen one is on. */
const CAMERA = "camera";

export const PLACES: { to: string; icon: IconName; label: string }[] = [
  { to: "/", icon: "now", label: "Now" },
  { to: "/jobs", icon: "jobs", label: "Jobs" },
  { to: CAMERA, icon: "camera", label: "Camera" },
  { to: "/new", icon: "plus", label: "New" },
  { to: "/parts", icon: "box", label: "Parts" },
  { to: "/more", icon: "more", label: "More" },
];

/** The list one came from: it stays marked, and at a desk stays in sight, while a work order is open. */
export const lastList = signal("/");

function current(to: string): boolean {
  const at = path.value;
  if (at.startsWith("/work/")) return to === lastList.value;
  if (/^\/parts(\/|$)/.test(at)) return to === (offered({ to: "/parts" }) ? "/parts" : "/more");
  return to === at || (to === "/more" && ["/needs-you", "/devices", "/photos"].includes(at));
}

function offered({ to }: { to: string }): boolean {
  if (to === "/new") return may("c", "work_order");
  // Whoever works at the parts counter makes no work orders; others find the parts under More.
  if (to === "/parts") return !may("c", "work_order");
  return to !== CAMERA || may("c", "photo");
}

/** For the work order that is open, else it asks for which. */
export function openCamera(): void {
  const order = /^\/work\/([^/]+)/.exec(path.value)?.[1];
  cameraFor.value = order && record("work_order", order) ? order : "ask";
}

export function Nav() {
  const needs = (overall.value?.needsYou ?? 0) + (filesOverall.value?.needsYou ?? 0);
  return (
    <nav class="nav" aria-label="Main">
      <a class="mark" href="/" aria-label={`${String(shop.value.name ?? "Workbay")}, to Now`}>
        <Icon name="wrench" />
      </a>
      {PLACES.filter(offered).map(({ to, icon, label }) =>
        to === CAMERA ? (
          <button key={to} type="button" onClick={openCamera}>
            <span class="pill">
              <Icon name={icon} />
            </span>
            <span>{label}</span>
          </button>
        ) : (
          <a key={to} href={to} aria-current={current(to) ? "page" : undefined}>
            <span class="pill">
              <Icon name={icon} />
              {to === "/more" && needs > 0 && <i class="dot" role="img" aria-label={`${needs} need you`} />}
            </span>
            <span>{label}</span>
          </a>
        ),
      )}
    </nav>
  );
}
