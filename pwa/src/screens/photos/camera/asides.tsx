/** What may lie over the viewfinder: whether photos carry their place, asked once, and a note for the next photo. */
import { useEffect, useRef } from "preact/hooks";
import { Dictate } from "../../../ui/dictate";
import { Icon } from "../../../ui/icons";
import { answer, hasToAsk } from "./position";

/** In words, before the browser asks in its own. It lies above the viewfinder and holds nobody up. */
export function PositionQuestion() {
  if (!hasToAsk()) return null;
  return (
    <section class="camera-card" aria-label="Position on photos">
      <p>
        <strong>Your shop wants to know where photos were taken.</strong> May this phone write its position on
        them? You can change this under More.
      </p>
      <div class="row">
        <button type="button" class="button grow" onClick={() => answer("no")}>
          No
        </button>
        <button type="button" class="button main grow" onClick={() => answer("yes")}>
          <Icon name="pin" /> Yes
        </button>
      </div>
    </section>
  );
}

interface NoteProps {
  value: string;
  onInput: (value: string) => void;
  onDone: () => void;
}

export function NextNote({ value, onInput, onDone }: NoteProps) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <section class="camera-card" aria-label="Note for the next photo">
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          onDone();
        }}
      >
        <input
          ref={field}
          class="input grow"
          aria-label="Note for the next photo"
          placeholder="Note for the next photo"
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        <Dictate value={value} onInput={onInput} />
        <button type="submit" class="button icon-only tall" aria-label="Note is done">
          <Icon name="check" />
        </button>
      </form>
    </section>
  );
}
