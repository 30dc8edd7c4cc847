/** Status and priority: always icon, word and colour together, so that neither colour nor language is needed alone. */
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icons";
import { word } from "./words";

export type Tone = "grey" | "blue" | "violet" | "amber" | "teal" | "orange" | "pink" | "green" | "red";

const STATUS: Record<string, { icon: IconName; tone: Tone }> = {
  new: { icon: "inbox", tone: "grey" },
  diagnosing: { icon: "scan", tone: "violet" },
  waiting_approval: { icon: "hourglass", tone: "amber" },
  approved: { icon: "thumb", tone: "teal" },
  in_progress: { icon: "wrench", tone: "blue" },
  waiting_parts: { icon: "box", tone: "orange" },
  on_hold: { icon: "pause", tone: "grey" },
  qc: { icon: "shield", tone: "pink" },
  ready: { icon: "flag", tone: "green" },
  closed: { icon: "lock", tone: "grey" },
  canceled: { icon: "ban", tone: "red" },
};

export function lookOf(status: string): { icon: IconName; tone: Tone } {
  return STATUS[status] ?? { icon: "inbox", tone: "grey" };
}

export function Badge({
  tone,
  icon,
  size,
  children,
}: {
  tone: Tone;
  icon?: IconName;
  size?: "large" | "bare";
  children: ComponentChildren;
}) {
  return (
    <span class={`badge tone-${tone} ${size ?? ""}`}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}

export function StatusBadge({ status, size }: { status: string; size?: "large" | "bare" }) {
  const look = lookOf(status);
  return (
    <Badge tone={look.tone} icon={look.icon} size={size}>
      {word(`status.${status}`)}
    </Badge>
  );
}

export function StatusDisc({ status }: { status: string }) {
  const look = lookOf(status);
  return <Disc tone={look.tone} icon={look.icon} />;
}

export function Disc({ tone, icon }: { tone: Tone; icon: IconName }) {
  return (
    <span class={`disc tone-${tone}`} aria-hidden="true">
      <Icon name={icon} />
    </span>
  );
}

const PRIORITY: Record<string, { icon: IconName; tone: Tone }> = {
  urgent: { icon: "flame", tone: "red" },
  high: { icon: "up", tone: "orange" },
  low: { icon: "low", tone: "grey" },
};

/** Nothing for normal: what is usual needs no mark. */
export function PriorityBadge({ priority }: { priority: unknown }) {
  const look = PRIORITY[String(priority)];
  if (!look) return null;
  return (
    <Badge tone={look.tone} icon={look.icon} size={priority === "urgent" ? undefined : "bare"}>
      {word(`priority.${priority}`)}
    </Badge>
  );
}

export function Meter({ done, total, label }: { done: number; total: number; label: string }) {
  return (
    <div
      class="meter"
      role="progressbar"
      aria-valuenow={done}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-label={label}
    >
      <i style={{ width: `${total ? Math.round((100 * done) / total) : 0}%` }} />
    </div>
  );
}
