/** What lies at the thumb: the shutter, a note for the next photo, and pictures that are there already. */
import { useRef, useState } from "preact/hooks";
import type { Shown } from "../../../sync/types";
import { Icon } from "../../../ui/icons";
import { toast } from "../../../ui/toast";
import { hasRoom, shots, takeIn } from "../shots";
import { aboutOf } from "./open";
import { here } from "./position";
import { Others } from "./refused";
import { shoot } from "./stream";
import type { Viewfinder } from "./viewfinder";

/** A finger is quicker than a camera: so many presses are remembered while it is still at the first. */
const AHEAD_MAX = 3;

interface Props {
  order: Shown;
  finder: Viewfinder;
  note: string;
  onNote: () => void;
  /** The shot is on its way: its note is used up. */
  onPress: () => void;
}

export function Controls({ order, finder, note, onNote, onPress }: Props) {
  const [ahead, setAhead] = useState(0);
  const [said, say] = useState("");
  const last = useRef<Promise<void>>(Promise.resolve());
  const can = finder.ready && hasRoom.value && ahead < AHEAD_MAX;
  /** All that belongs to the shot is fixed when the shutter is pressed, whenever the camera is done with it. */
  const press = () => {
    const { stream, video } = finder;
    if (!can || !stream || !video.current) return;
    const [shown, about, at, position] = [video.current, aboutOf(order, note), Date.now(), here()];
    setAhead((n) => n + 1);
    onPress();
    last.current = last.current.then(async () => {
      try {
        takeIn(await shoot(stream, shown), about, at, position);
        say(`Photo ${shots.value.length} taken`);
      } catch {
        toast("The camera gave no picture. Press once more.", { bad: true });
      }
      setAhead((n) => n - 1);
    });
  };
  return (
    <div class="camera-controls">
      <button type="button" class={`button on-dark tall-text ${note ? "lit" : ""}`} onClick={onNote}>
        <Icon name="note" /> Note
      </button>
      <button
        type="button"
        class={`shutter ${ahead > 0 ? "at-work" : ""}`}
        autofocus
        aria-label="Take photo"
        aria-disabled={!can}
        onClick={press}
      />
      <span class="hidden-label" role="status">
        {said || (finder.ready ? "The camera is ready" : "")}
      </span>
      <Others order={order} note={note} />
    </div>
  );
}
