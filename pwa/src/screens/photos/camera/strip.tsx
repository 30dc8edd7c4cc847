/** What was just taken, newest first: a tick once a picture is kept on this phone, an alarm where it could not be. */
import { Icon } from "../../../ui/icons";
import type { Shot } from "../shots";

const WORDS: Record<Shot["is"], string> = {
  keeping: "being saved",
  kept: "on this phone",
  failed: "not saved, needs you",
};

interface Props {
  shots: Shot[];
  looked: string | null;
  onLook: (key: string) => void;
}

export function Strip({ shots, looked, onLook }: Props) {
  return (
    <ul class="strip" aria-label="Taken just now">
      {[...shots].reverse().map((shot, i) => (
        <li key={shot.key}>
          <button
            type="button"
            class={`strip-shot is-${shot.is}`}
            aria-label={`Photo ${shots.length - i}: ${WORDS[shot.is]}`}
            aria-pressed={shot.key === looked}
            onClick={() => onLook(shot.key)}
          >
            {shot.taken.blob.type === "application/pdf" ? (
              <Icon name="file" />
            ) : (
              <img src={shot.url} alt="" />
            )}
            <span class="mark">
              <Icon name={shot.is === "kept" ? "check" : shot.is === "failed" ? "alert" : "hourglass"} />
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
