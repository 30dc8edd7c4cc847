/** The customer's app: sign-in, dashboard, work order. Nothing of the staff's screens is in it. */
import { effect } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Replica } from "../../sync/types";
import { Empty } from "../../ui/empty";
import { clock, nearDay, setFormats, stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { back, go, match, path } from "../../ui/router";
import { setAccent, setTheme, theme } from "../../ui/theme";
import { Toasts } from "../../ui/toast";
import { setWords, word } from "../../ui/words";
import { attach, overall, replica, shop } from "../live";
import { type Branding, fetchBranding, keptBranding, wear } from "../session/branding";
import type { Session } from "../session/port";
import { newVersion, takeNewVersion } from "../shell/version";
import { Dashboard } from "./dashboard";
import { customerLink, Login } from "./login";
import { PortalOrder } from "./order";

effect(() => {
  if (!replica.value || !shop.value.name) return;
  setWords(shop.value.words);
  setFormats(shop.value);
  setAccent((shop.value.colours as { primary?: unknown } | null)?.primary);
});

export function Portal({ session, first }: { session: Session; first: Replica | null }) {
  const [branding, setBranding] = useState<Branding | null>(keptBranding());
  if (first && !replica.peek()) attach(first);
  useEffect(() => wear(branding), [branding]);
  useEffect(() => void fetchBranding().then(setBranding), []);
  const enter = (held: Replica) => {
    attach(held);
    go("/customer/dashboard", "replace");
  };
  const over = overall.value?.trouble === "signed_out" && records() === 0;
  const held = replica.value;
  if (!held || customerLink() || over) return <Login session={session} branding={branding} onDone={enter} />;
  const signOut = async () => {
    await session.signOut();
    location.assign("/customer/login");
  };
  return <Frame onSignOut={signOut} />;
}

const records = () => replica.value?.all("work_order").length ?? 0;

function Frame({ onSignOut }: { onSignOut: () => Promise<void> }) {
  const order = match("/customer/work-order/:id", path.value)?.id;
  const shopName = String(shop.value.name ?? replica.value?.identity.shopName ?? "");
  useEffect(() => {
    document.title = order ? `${word("work_order")} · ${shopName}` : shopName;
  }, [order, shopName]);
  return (
    <div class="portal">
      <header class="topbar">
        {order ? (
          <button
            type="button"
            class="button quiet icon-only back"
            aria-label="Back to all your orders"
            onClick={() => back("/customer/dashboard")}
          >
            <Icon name="back" />
          </button>
        ) : (
          <span class="mark" aria-hidden="true">
            <Icon name="shop" />
          </span>
        )}
        <span class="title clip">{shopName}</span>
        <Freshness />
      </header>
      <NewVersion />
      <Stale />
      <main id="main" tabIndex={-1} class="screen">
        {screenOf(path.value, order)}
      </main>
      <footer class="portal-foot row wrap">
        <button
          type="button"
          class="button quiet"
          onClick={() => setTheme(theme.value === "dark" ? "light" : "dark")}
        >
          <Icon name="moon" /> {theme.value === "dark" ? "Light" : "Dark"}
        </button>
        <button type="button" class="button quiet" onClick={() => void onSignOut()}>
          <Icon name="exit" /> Sign out
        </button>
      </footer>
      <Toasts />
    </div>
  );
}

function screenOf(at: string, order: string | undefined) {
  if (order) return <PortalOrder key={order} id={order} />;
  if (["/customer", "/customer/", "/customer/dashboard", "/customer/login"].includes(at))
    return <Dashboard />;
  return (
    <Empty
      icon="search"
      title="There is nothing at this address"
      action={
        <a class="button main" href="/customer/dashboard">
          All your orders
        </a>
      }
    />
  );
}

function updated(at: number | null): string {
  if (at === null) return "";
  return nearDay(at, Date.now()) === 0 ? clock(at) : stamp(at);
}

/** When this was last brought up to date, while the shop is reached. */
function Freshness() {
  const all = overall.value;
  if (!all || all.trouble || !all.online) return null;
  const at = updated(all.lastContact);
  return (
    <span class="sync" role="status">
      {at ? `updated ${at}` : "connecting"}
    </span>
  );
}

/** Says how old this is while the shop is not reached. */
function Stale() {
  const all = overall.value;
  if (!all || (!all.trouble && all.online)) return null;
  const at = updated(all.lastContact);
  const why = all.trouble === "signed_out" ? "your sign-in is over, ask us for a new link" : "no network";
  return (
    <p class="hint-bar row" role="status">
      <Icon name="offline" />
      <span>{at ? `last update ${at}, ${why}` : why}</span>
    </p>
  );
}

function NewVersion() {
  if (!newVersion.value) return null;
  return (
    <div class="news" role="status">
      <span class="grow">A new version is ready.</span>
      <button type="button" class="button" onClick={takeNewVersion}>
        Reload
      </button>
    </div>
  );
}
