/** The bar above every screen: where one is, the running timer, and how far everything is. */

import { Icon } from "../../ui/icons";
import { back } from "../../ui/router";
import { SyncChip } from "../sync/chip";
import { TimerChip } from "../timesheet/chip";

interface Props {
  title: string;
  /** Where "back" goes when this was the first screen; without it there is no back button. */
  up?: string;
}

export function Topbar({ title, up }: Props) {
  return (
    <header class="topbar">
      {up !== undefined && (
        <button type="button" class="button quiet icon-only back" aria-label="Back" onClick={() => back(up)}>
          <Icon name="back" />
        </button>
      )}
      <span class="title clip">{title}</span>
      <TimerChip />
      <SyncChip />
    </header>
  );
}
