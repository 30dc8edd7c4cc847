/** The staff app: which screen belongs to which address, and what is always around it. */
import { effect } from "@preact/signals";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { wasWiped } from "../../sync/browser/wipe";
import type { Replica } from "../../sync/types";
import { setDraftScope } from "../../ui/draft";
import { Empty } from "../../ui/empty";
import { setFormats } from "../../ui/format";
import { lazy } from "../../ui/lazy";
import { go, match, path } from "../../ui/router";
import { setAccent } from "../../ui/theme";
import { Toasts, toast } from "../../ui/toast";
import { wide } from "../../ui/wide";
import { inner, plural, setWords, word } from "../../ui/words";
import { plain } from "../act";
import { ConflictSheet } from "../conflicts/sheet";
import { historyOpen } from "../history/open";
import { attach, overall, replica, shop } from "../live";
import { resume } from "../photos/camera/open";
import { PhotoLayers } from "../photos/layers";
import { openPhotos } from "../photos/media";
import { type Branding, fetchBranding, keptBranding, wear } from "../session/branding";
import { DevicesScreen } from "../session/devices";
import { Locked, WipedScreen } from "../session/locked";
import type { Session } from "../session/port";
import { SetPassword, staffLink } from "../session/setpassword";
import { SignIn } from "../session/signin";
import { NeedsScreen } from "../sync/needs";
import { SyncSheet } from "../sync/sheet";
import { StatusSheet } from "../work/actions";
import { CreateScreen } from "../work/create";
import { EditScreen } from "../work/edit";
import { JobsScreen } from "../work/jobs";
import { NowScreen } from "../work/now";
import { OrderScreen } from "../work/order";
import { DeskHome } from "./home";
import { HelpSheet, startKeys } from "./keys";
import { MoreScreen } from "./more";
import { lastList, Nav } from "./nav";
import { News } from "./news";
import { Topbar } from "./topbar";

/** What few need at once is loaded when it is first wanted. */
const HistorySheet = lazy(async () => (await import("../history/sheet")).HistorySheet);
const AllPhotos = lazy(async () => (await import("../photos/all")).AllPhotos);
const PartsScreen = lazy(async () => (await import("../parts/list")).PartsScreen);
const PartScreen = lazy(async () => (await import("../parts/part")).PartScreen);
const SharedScreen = lazy(async () => (await import("../photos/shared")).SharedScreen);
const TeamScreen = lazy(async () => (await import("../recovery/desk")).TeamScreen);

/** The shop's own words, formats and colour follow its record, also while the app is open. */
effect(() => {
  if (!replica.value || !shop.value.name) return;
  setWords(shop.value.words);
  setFormats(shop.value);
  setAccent((shop.value.colours as { primary?: unknown } | null)?.primary);
});

effect(() => {
  if (path.value === "/" || path.value === "/jobs") lastList.value = path.value;
});

function open(held: Replica | null): void {
  if (held) setDraftScope(`${held.identity.replica}.${held.identity.principal.id}`);
  attach(held);
  if (held) void openPhotos(held).then(resume, (cause) => toast(plain(cause), { bad: true }));
}

export function App({ session, first }: { session: Session; first: Replica | null }) {
  const [branding, setBranding] = useState<Branding | null>(keptBranding());
  const [again, setAgain] = useState(false);
  if (first && !replica.peek() && !again) open(first);
  useEffect(() => wear(branding), [branding]);
  useEffect(() => void fetchBranding().then(setBranding), []);
  useEffect(startKeys, []);
  const signOut = async () => {
    await session.signOut();
    location.assign("/");
  };
  const enter = (held: Replica) => {
    open(held);
    setAgain(false);
  };
  const held = replica.value;
  const wiped = overall.value?.wiped ?? (held ? null : wasWiped());
  if (wiped) return <WipedScreen {...wiped} onSignIn={() => location.assign("/")} />;
  if (held && !again && overall.value?.locked) return <Locked onSignIn={() => setAgain(true)} />;
  if (staffLink()) return <SetPassword session={session} branding={branding} onDone={enter} />;
  if (!held || again) {
    const note = again ? "Your session is over. Sign in again to send what waits." : undefined;
    return <SignIn session={session} branding={branding} note={note} onDone={enter} />;
  }
  return <Shell onSignOut={signOut} onSignIn={() => setAgain(true)} />;
}

interface Screen {
  title: string;
  up?: string;
  view: preact.ComponentChildren;
  /** The work order in it, to be marked in the list at the side. */
  order?: string;
}

function screenOf(at: string, onSignOut: () => Promise<void>): Screen {
  const order = match("/work/:id", at)?.id;
  const edited = match("/work/:id/edit", at)?.id;
  if (order)
    return {
      title: word("work_order"),
      up: lastList.value,
      view: <OrderScreen id={order} />,
      order,
    };
  if (edited)
    return { title: "Edit", up: `/work/${edited}`, view: <EditScreen id={edited} />, order: edited };
  if (at === "/") return { title: String(shop.value.name ?? "Workbay"), view: <NowScreen /> };
  if (at === "/jobs") return { title: plural("work_order"), view: <JobsScreen /> };
  if (at === "/new") return { title: `New ${inner("work_order")}`, up: "/", view: <CreateScreen /> };
  if (at === "/needs-you") return { title: "Needs you", up: "/", view: <NeedsScreen /> };
  if (at === "/team/refused") return { title: "Refused", up: "/more", view: <TeamScreen /> };
  const part = match("/parts/:id", at)?.id;
  if (part) return { title: "Part", up: "/parts", view: <PartScreen id={part} /> };
  if (at === "/parts") return { title: "Parts", up: "/more", view: <PartsScreen /> };
  if (at === "/photos") return { title: "Photos", up: "/more", view: <AllPhotos /> };
  if (at === "/share") return { title: "Shared", up: "/", view: <SharedScreen /> };
  if (at === "/devices") return { title: "Devices", up: "/more", view: <DevicesScreen /> };
  if (at === "/more") return { title: "More", view: <MoreScreen onSignOut={onSignOut} /> };
  return { title: "Not found", up: "/", view: <Lost /> };
}

function Shell({ onSignOut, onSignIn }: { onSignOut: () => Promise<void>; onSignIn: () => void }) {
  const screen = screenOf(path.value, onSignOut);
  const shopName = String(shop.value.name ?? "Workbay");
  useEffect(() => {
    document.title = screen.title === shopName ? shopName : `${screen.title} · ${shopName}`;
  }, [screen.title, shopName]);
  useLayoutEffect(toMain, [path.value]);
  const isList = path.value === "/" || path.value === "/jobs";
  return (
    <div class={`app ${screen.order ? "has-order" : ""} ${isList ? "is-list" : ""}`}>
      <a class="skip" href="#main">
        To the content
      </a>
      <Topbar title={screen.title} up={screen.up} />
      <Nav />
      {wide.value && (
        <aside class="side-list" aria-label={lastList.value === "/" ? "Now" : plural("work_order")}>
          {lastList.value === "/" ? (
            <NowScreen selected={screen.order} />
          ) : (
            <JobsScreen selected={screen.order} />
          )}
        </aside>
      )}
      <main id="main" tabIndex={-1}>
        <News onSignIn={onSignIn} />
        <div class="screen">{wide.value && isList ? <DeskHome /> : screen.view}</div>
      </main>
      <StatusSheet />
      <SyncSheet />
      <ConflictSheet />
      <PhotoLayers />
      {historyOpen.value && <HistorySheet />}
      <HelpSheet />
      <Toasts />
    </div>
  );
}

/** A new screen starts at its top and takes the focus, so that a screen reader and the keyboard go on there. */
function toMain(): void {
  const main = document.getElementById("main");
  main?.focus({ preventScroll: true });
  main?.scrollTo(0, 0);
}

function Lost() {
  return (
    <Empty
      icon="search"
      title="There is nothing at this address"
      action={
        <button type="button" class="button main" onClick={() => go("/")}>
          To Now
        </button>
      }
    >
      The link may be old, or cut off.
    </Empty>
  );
}
