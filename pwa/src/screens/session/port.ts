/**
 * Signing in as the screens need it: a small port, so that they can be driven without a server.
 * The real one is in `browser.ts`.
 */
import type { Replica } from "../../sync/types";

/** A mail address and a password; or a staff user's link with the password it sets; or a customer's link. */
export type Credentials =
  | { email: string; password: string }
  | { link: string; password: string }
  | { link: string };

export interface Session {
  /** The replica this device already has, without asking the network, or null when nobody is signed in here. */
  restore(): Promise<Replica | null>;
  /** Signs in and opens the replica. Throws `SignInError` with a sentence for people. */
  signIn(credentials: Credentials): Promise<Replica>;
  /** Ends the session at the server when it can be reached, and lets go of this person's data here. */
  signOut(): Promise<void>;
}

export class SignInError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}
