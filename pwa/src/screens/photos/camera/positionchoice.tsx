/** Whether this phone writes its position on photos: what was answered once can be changed here. */
import { agreed, answer, wantedByShop } from "./position";

export function PositionChoice() {
  if (!wantedByShop()) return null;
  return (
    <label class="switch-row row">
      <input
        type="checkbox"
        checked={agreed.value === "yes"}
        onChange={(event) => answer(event.currentTarget.checked ? "yes" : "no")}
      />
      <span class="grow">Write on my photos where they were taken</span>
    </label>
  );
}
