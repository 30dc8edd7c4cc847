/**
 * A staff user's one-time link: choosing a password, then being in. The token stands behind the # of the address,
 * so that no server writes it into a log, and is taken out of the address once it is spent.
 */
import { useState } from "preact/hooks";
import type { Replica } from "../../sync/types";
import { TextField } from "../../ui/field";
import { Icon } from "../../ui/icons";
import { go, path } from "../../ui/router";
import type { Branding } from "./branding";
import { type Session, SignInError } from "./port";

interface Props {
  session: Session;
  branding: Branding | null;
  onDone: (replica: Replica) => void;
}

const LETTERS_MIN = 10;

/** The token of a staff link, when the page was opened by one. */
export function staffLink(): string | null {
  return path.value === "/login" && location.hash.length > 1 ? location.hash.slice(1) : null;
}

export function SetPassword({ session, branding, onDone }: Props) {
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    const link = staffLink();
    if (busy || !link) return;
    if (password.length < LETTERS_MIN)
      return setWrong(`At least ${LETTERS_MIN} letters, please. A short sentence is good.`);
    setBusy(true);
    setWrong(null);
    try {
      const replica = await session.signIn({ link, password });
      go("/", "replace");
      onDone(replica);
    } catch (cause) {
      setWrong(cause instanceof SignInError ? cause.message : "This did not work. Please try again.");
      setBusy(false);
    }
  };
  return (
    <main class="signin" id="main">
      <div class="signin-head">
        <span class="mark" aria-hidden="true">
          <Icon name="lock" />
        </span>
        <h1>{branding?.name ?? "Workbay"}</h1>
        <p class="soft">Choose your password. The link works once.</p>
      </div>
      <form class="card pad stack" onSubmit={submit} noValidate>
        <TextField
          label="New password"
          type={shown ? "text" : "password"}
          autocomplete="new-password"
          value={password}
          onInput={setPassword}
          hint={`At least ${LETTERS_MIN} letters.`}
          wrong={wrong}
        />
        <label class="row tickline">
          <input type="checkbox" checked={shown} onChange={() => setShown(!shown)} /> Show password
        </label>
        <button type="submit" class="button main wide" disabled={busy}>
          {busy ? "Setting it" : "Set password and sign in"}
        </button>
      </form>
    </main>
  );
}
