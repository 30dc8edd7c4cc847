/** Signing in as a customer. A link is spent by the button, never by opening it: mail scanners open links too. */
import { useState } from "preact/hooks";
import type { Replica } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { path, query } from "../../ui/router";
import type { Branding } from "../session/branding";
import { type Session, SignInError } from "../session/port";

interface Props {
  session: Session;
  branding: Branding | null;
  onDone: (replica: Replica) => void;
}

/** The token of a customer's link: behind the #, where no server writes it down, or as a query. */
export function customerLink(): string | null {
  if (path.value !== "/customer/login") return null;
  return new URLSearchParams(query.value).get("link") ?? (location.hash.slice(1) || null);
}

export function Login({ session, branding, onDone }: Props) {
  const link = customerLink();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const spend = async () => {
    if (!link || busy) return;
    setBusy(true);
    setWrong(null);
    try {
      onDone(await session.signIn({ link }));
    } catch (cause) {
      setWrong(cause instanceof SignInError ? cause.message : "This did not work. Please try again.");
      setBusy(false);
    }
  };
  return (
    <main class="signin" id="main">
      <div class="signin-head">
        <span class="mark" aria-hidden="true">
          <Icon name="shop" />
        </span>
        <h1>{branding?.name ?? "Your repair"}</h1>
        <p class="soft">
          {link ? "Your link is good for one sign-in on this device." : "Follow how far your repair is."}
        </p>
      </div>
      <div class="card pad stack">
        {wrong && (
          <p class="banner tone-red" role="alert">
            <Icon name="alert" /> <span class="grow">{wrong}</span>
          </p>
        )}
        {link ? (
          <button type="button" class="button main wide" disabled={busy} onClick={() => void spend()}>
            {busy ? "Signing in" : "Sign in"}
          </button>
        ) : (
          <p>
            <strong>You need a link from us.</strong> Open the newest mail you had from{" "}
            {branding?.name ?? "the shop"} and tap the link in it, or ask us for a new one.
          </p>
        )}
      </div>
      <p class="soft small centre">
        A sign-in lasts 24 hours. What you see stays on this device until you sign out.
      </p>
    </main>
  );
}
