/** The real session: cookies and `/api/session`, and the replica in this browser's database. */
import { COLLECTIONS, SCHEMA } from "../../collections.gen";
import { openReplica } from "../../sync/browser/open";
import { SignInError as Refused, remembered, signIn, signOut, whoAmI } from "../../sync/browser/session";
import type { Identity, Replica } from "../../sync/types";
import { forgetDrafts } from "../../ui/draft";
import { closePhotos, photosUnsent } from "../photos/media";
import { type Credentials, type Session, SignInError } from "./port";

type Kind = Identity["principal"]["kind"];

const SENTENCES: Record<string, string> = {
  unauthenticated: "The mail address or the password is not right.",
  forbidden: "This account may not sign in here. Ask a manager.",
  rate_limited: "Too many tries. Wait a minute, then try again.",
  offline: "There is no connection to the shop just now. Signing in needs one.",
  unavailable: "The shop's server is busy. Please try again in a moment.",
  internal: "The shop's server has a problem. Please try again in a moment.",
};

const LINK_SPENT = "This link was used already, or is too old. Ask us for a new one.";

/** A name by which a person recognises this device in a list. */
function deviceName(): string {
  const agent = navigator.userAgent;
  const system = /iPhone|iPad|Android|Windows|Mac OS|Linux/.exec(agent)?.[0] ?? "Device";
  const browser = /Edg|Firefox|Chrome|Safari/.exec(agent)?.[0] ?? "browser";
  return `${system.replace("Mac OS", "Mac")}, ${browser.replace("Edg", "Edge")}`;
}

class BrowserSession implements Session {
  private held: Replica | null = null;

  constructor(private readonly kind: Kind) {}

  async restore(): Promise<Replica | null> {
    const identity = this.mine(remembered()) ?? this.mine((await whoAmI()).identity);
    return identity ? this.open(identity) : null;
  }

  async signIn(credentials: Credentials): Promise<Replica> {
    try {
      const identity = await signIn({ ...credentials, device: deviceName() });
      if (identity.principal.kind !== this.kind)
        throw new SignInError("This sign-in is for the other side of the counter.", "kind");
      return await this.open(identity);
    } catch (cause) {
      throw cause instanceof Refused ? new SignInError(sentence(cause, credentials), cause.code) : cause;
    }
  }

  async signOut(): Promise<void> {
    const { held } = this;
    if (!held) return;
    const all = held.overall();
    const unsent = all.waiting + held.parked().length + photosUnsent();
    await closePhotos();
    await held.close();
    this.held = null;
    if (!unsent) forgetDrafts();
    await signOut(held.identity, unsent);
  }

  private mine(identity: Identity | null): Identity | null {
    return identity?.principal.kind === this.kind ? identity : null;
  }

  /** The same person signing in again goes on with the replica that is open. */
  private async open(identity: Identity): Promise<Replica> {
    const before = this.held;
    if (
      before &&
      before.identity.principal.id === identity.principal.id &&
      before.identity.replica === identity.replica
    ) {
      void before.syncNow().catch(() => undefined);
      return before;
    }
    await before?.close();
    this.held = await openReplica(identity, COLLECTIONS, SCHEMA, forgetDrafts);
    return this.held;
  }
}

function sentence(refused: Refused, credentials: Credentials): string {
  if ("link" in credentials && ["unauthenticated", "gone", "forbidden"].includes(refused.code))
    return LINK_SPENT;
  return SENTENCES[refused.code] ?? refused.message;
}

export const browserSession = (kind: Kind): Session => new BrowserSession(kind);
