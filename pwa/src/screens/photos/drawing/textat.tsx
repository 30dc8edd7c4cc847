/** The words that are put where the finger pointed. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../../ui/icons";

const LETTERS_MAX = 60;

export function TextAt({ onDone, onCancel }: { onDone: (words: string) => void; onCancel: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [words, setWords] = useState("");
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      class="camera-card row text-at"
      onSubmit={(event) => {
        event.preventDefault();
        onDone(words);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onCancel();
      }}
    >
      <input
        ref={field}
        class="input grow"
        aria-label="Words on the photo"
        placeholder="Words on the photo"
        maxLength={LETTERS_MAX}
        value={words}
        onInput={(event) => setWords(event.currentTarget.value)}
      />
      <button type="submit" class="button main icon-only tall" aria-label="Put the words there">
        <Icon name="check" />
      </button>
    </form>
  );
}
