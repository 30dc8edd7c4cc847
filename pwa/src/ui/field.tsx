/** Labelled inputs. The label is always seen; what is wrong is said under the field and read out. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Common {
  label: string;
  value: string;
  onInput: (value: string) => void;
  hint?: ComponentChildren;
  wrong?: string | null;
  required?: boolean;
}

function Frame({
  id,
  label,
  hint,
  wrong,
  required,
  children,
}: Omit<Common, "value" | "onInput"> & { id: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <div class="row">
        <label class="label" for={id}>
          {label}
        </label>
        {required && (
          <span class="soft small" aria-hidden="true">
            needed
          </span>
        )}
      </div>
      {children}
      {hint && (
        <div class="hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {wrong && (
        <div class="wrong" id={`${id}-wrong`} role="alert">
          {wrong}
        </div>
      )}
    </div>
  );
}

function told(id: string, { hint, wrong }: { hint?: unknown; wrong?: unknown }): string | undefined {
  return [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ") || undefined;
}

type InputProps = Common & {
  type?: "text" | "email" | "password" | "tel" | "search" | "datetime-local";
  autocomplete?: string;
  placeholder?: string;
  autofocus?: boolean;
  inputmode?: "text" | "decimal" | "numeric" | "email" | "tel" | "search";
  list?: string[];
};

export function TextField(props: InputProps) {
  const id = useId();
  return (
    <Frame id={id} {...props}>
      <input
        id={id}
        class="input"
        type={(props.type ?? "text") as "text"}
        value={props.value}
        placeholder={props.placeholder}
        autocomplete={props.autocomplete ?? "off"}
        inputmode={props.inputmode}
        autofocus={props.autofocus}
        list={props.list ? `${id}-list` : undefined}
        aria-invalid={props.wrong ? "true" : undefined}
        aria-required={props.required ? "true" : undefined}
        aria-describedby={told(id, props)}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      {props.list && (
        <datalist id={`${id}-list`}>
          {props.list.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </Frame>
  );
}

export function AreaField(props: Common & { rows?: number; placeholder?: string; autofocus?: boolean }) {
  const id = useId();
  return (
    <Frame id={id} {...props}>
      <textarea
        id={id}
        class="input"
        rows={props.rows ?? 3}
        value={props.value}
        placeholder={props.placeholder}
        autofocus={props.autofocus}
        aria-invalid={props.wrong ? "true" : undefined}
        aria-required={props.required ? "true" : undefined}
        aria-describedby={told(id, props)}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </Frame>
  );
}

export function SelectField(props: Common & { options: { value: string; label: string }[] }) {
  const id = useId();
  return (
    <Frame id={id} {...props}>
      <select
        id={id}
        class="input"
        value={props.value}
        aria-describedby={told(id, props)}
        onChange={(event) => props.onInput(event.currentTarget.value)}
      >
        {props.options.map((one) => (
          <option key={one.value} value={one.value} selected={one.value === props.value}>
            {one.label}
          </option>
        ))}
      </select>
    </Frame>
  );
}

/** A few choices side by side, all in sight: native radio buttons that look like chips. */
export function ChipField({
  label,
  value,
  onInput,
  options,
}: Common & { options: { value: string; label: string }[] }) {
  const name = useId();
  return (
    <fieldset class="field">
      <legend class="label">{label}</legend>
      <div class="chips wrap">
        {options.map((one) => (
          <label key={one.value} class="chip">
            <input
              type="radio"
              name={name}
              value={one.value}
              checked={one.value === value}
              onChange={() => onInput(one.value)}
            />
            {one.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
