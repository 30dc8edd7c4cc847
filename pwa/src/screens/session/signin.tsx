/** Signing in for staff. Says plainly that the first time needs a network. */
import { useState } from "preact/hooks";
import type { Replica } from "../../sync/types";
import { TextField } from "../../ui/field";
import { Icon } from "../../ui/icons";
import type { Branding } from "./branding";
import { type Session, SignInError } from "./port";

interface Props {
  session: Session;
  branding: Branding | null;
  /** Why one is asked again, when one was signed in before. */
  note?: string;
  /** Whose session ended, so that only the password must be typed. */
  onDone: (replica: Replica) => void;
}

export function SignIn({ session, branding, note, onDone }: Props) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    if (!email.trim() || !password) return setWrong("Type your mail address and your password.");
    setBusy(true);
    setWrong(null);
    try {
      onDone(await session.signIn({ email: email.trim(), password }));
    } catch (cause) {
      setWrong(cause instanceof SignInError ? cause.message : "This did not work. Please try again.");
    }
    setBusy(false);
  };
  return (
    <main class="signin" id="main">
      <div class="signin-head">
        <span class="mark" aria-hidden="true">
          <Icon name="wrench" />
        </span>
        <h1>{branding?.name ?? "Workbay"}</h1>
        <p class="soft">{note ?? "Sign in to see today's work."}</p>
      </div>
      <form class="card pad stack" onSubmit={submit} noValidate>
        {wrong && (
          <p class="banner tone-red" role="alert">
            <Icon name="alert" /> <span class="grow">{wrong}</span>
          </p>
        )}
        <TextField
          label="Mail address"
          type="email"
          inputmode="email"
          autocomplete="username"
          value={email}
          onInput={setEmail}
        />
        <TextField
          label="Password"
          type={shown ? "text" : "password"}
          autocomplete="current-password"
          value={password}
          onInput={setPassword}
        />
        <label class="row tickline">
          <input type="checkbox" checked={shown} onChange={() => setShown(!shown)} /> Show password
        </label>
        <button type="submit" class="button main wide" disabled={busy}>
          {busy ? "Signing in" : "Sign in"}
        </button>
      </form>
      <p class="soft small centre">
        The first sign-in on a device needs a network. After that everything opens without one.
      </p>
    </main>
  );
}
