/** The field one searches a list with. */
import { useRef } from "preact/hooks";
import { Icon } from "./icons";

interface Props {
  label: string;
  placeholder: string;
  value: string;
  onInput: (value: string) => void;
  /** Enter: the one that is meant, where that is clear. */
  onEnter?: () => void;
  id?: string;
}

export function SearchBox({ label, placeholder, value, onInput, onEnter, id }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <search class="search grow">
      <Icon name="search" />
      <input
        ref={input}
        id={id}
        class="input"
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && onEnter?.()}
        enterkeyhint="search"
      />
      {value && (
        <button
          type="button"
          class="button quiet icon-only"
          aria-label="Clear the search"
          onClick={() => {
            onInput("");
            input.current?.focus();
          }}
        >
          <Icon name="close" />
        </button>
      )}
    </search>
  );
}
