/** How much of a part there is: the number, and a word with it where somebody should know. */
import type { Shown } from "../../sync/types";
import { Badge, type Tone } from "../../ui/badges";
import { quantity } from "../../ui/format";
import type { IconName } from "../../ui/icons";
import { stockOf } from "./shelf";
import { isShort, type Level, levelOf } from "./stock";

const LOOKS: Record<Level, { tone: Tone; icon: IconName; words: string }> = {
  below_zero: { tone: "red", icon: "alert", words: "Below zero" },
  none: { tone: "orange", icon: "low", words: "None left" },
  low: { tone: "amber", icon: "low", words: "Low" },
  enough: { tone: "green", icon: "check", words: "Enough" },
};

export function LevelBadge({ part }: { part: Shown }) {
  const stock = stockOf(part);
  if (!isShort(part, stock)) return null;
  const look = LOOKS[levelOf(part, stock)];
  return (
    <Badge tone={look.tone} icon={look.icon} size="bare">
      {look.words}
    </Badge>
  );
}

export function InStock({ part }: { part: Shown }) {
  const stock = stockOf(part);
  return (
    <span class={`in-stock number ${stock < 0 ? "bad" : ""}`}>
      <strong>{quantity(stock)}</strong> <span class="soft small">in stock</span>
    </span>
  );
}
