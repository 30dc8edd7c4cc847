/** A number with a large minus and plus: for gloves, and typed where it is no whole one. */
import { useId } from "preact/hooks";
import { Icon } from "../../ui/icons";
import { decimal, shownDecimal } from "../../ui/number";

interface Props {
  label: string;
  /** As typed. */
  value: string;
  onInput: (value: string) => void;
  least?: number;
}

export function Stepper({ label, value, onInput, least = 0 }: Props) {
  const id = useId();
  const now = decimal(value, 1000);
  const step = (by: number) => onInput(shownDecimal(Math.max(least, (now ?? 0) + by), 1000));
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <div class="amount">
        <button
          type="button"
          class="button"
          aria-label="One less"
          disabled={now !== null && now <= least}
          onClick={() => step(-1000)}
        >
          <Icon name="minus" />
        </button>
        <input
          id={id}
          class="input number"
          inputmode="decimal"
          autocomplete="off"
          value={value}
          aria-invalid={now === null ? "true" : undefined}
          onInput={(event) => onInput(event.currentTarget.value)}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" class="button" aria-label="One more" onClick={() => step(1000)}>
          <Icon name="plus" />
        </button>
      </div>
      {now === null && (
        <div class="wrong" role="alert">
          A number, please
        </div>
      )}
    </div>
  );
}
