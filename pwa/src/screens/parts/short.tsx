/** Says on Now that parts are short, to those who order or count them. */
import { Icon } from "../../ui/icons";
import { me } from "../live";
import { partsInUse, stockOf } from "./shelf";
import { isShort } from "./stock";

const ASKED = ["admin", "manager", "parts"];

export function ShortParts() {
  if (!ASKED.includes(me.value.role)) return null;
  const short = partsInUse().filter((one) => isShort(one, stockOf(one)));
  if (short.length === 0) return null;
  return (
    <a class="banner tone-amber" href="/parts?show=short">
      <Icon name="box" />
      <span class="grow">
        {short.length === 1 ? "One part is short." : `${short.length} parts are short.`}
      </span>
      <Icon name="forward" />
    </a>
  );
}
