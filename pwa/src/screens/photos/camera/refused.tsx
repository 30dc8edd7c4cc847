/** No viewfinder: says so plainly, and offers what does as well. Also the way to pictures that are there already. */
import type { Shown } from "../../../sync/types";
import { Icon } from "../../../ui/icons";
import { PickButton } from "../pick";
import { aboutOf, cutOff } from "./open";
import type { NoCamera } from "./stream";

interface Props {
  order: Shown;
  note: string;
}

export function NoViewfinder({
  trouble,
  order,
  note,
  onAgain,
}: Props & { trouble: NoCamera; onAgain: () => void }) {
  const about = () => aboutOf(order, note);
  return (
    <div class="no-camera" role="alert">
      <Icon name="camera" />
      <h2>{trouble.title}</h2>
      <p>{cutOff.value ? CUT_OFF : trouble.help}</p>
      <PickButton about={about} from="camera" class="button main wide">
        <Icon name="camera" /> Open the camera app
      </PickButton>
      <PickButton about={about} from="files" class="button on-dark wide">
        <Icon name="pictures" /> Choose pictures
      </PickButton>
      <button type="button" class="button quiet on-dark" onClick={onAgain}>
        Try the camera again
      </button>
    </div>
  );
}

export const CUT_OFF =
  "The phone closed the app while its camera was open. If the camera saved the picture, choose it here; else take it again.";

export function Others({ order, note }: Props) {
  return (
    <PickButton about={() => aboutOf(order, note)} from="files" class="button on-dark tall-text">
      <Icon name="pictures" /> Choose
    </PickButton>
  );
}
