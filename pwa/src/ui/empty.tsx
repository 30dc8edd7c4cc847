/** A screen with nothing on it says why, and what to do next. */
import type { ComponentChildren } from "preact";
import { Disc } from "./badges";
import type { IconName } from "./icons";

export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon: IconName;
  title: string;
  children?: ComponentChildren;
  action?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Disc tone="grey" icon={icon} />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}
