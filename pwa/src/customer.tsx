/** The customer's page. It shares the small elements with the staff's page, and none of its screens. */
import { render } from "preact";
import { Portal } from "./screens/portal/app";
import { browserSession } from "./screens/session/browser";
import { watchVersions } from "./screens/shell/version";
import { lazy } from "./ui/lazy";
import { path, startRouter } from "./ui/router";
import { restoreTheme } from "./ui/theme";

/** What a link to photos opens. Whoever has it is nobody's customer here: nothing of theirs is opened. */
const ALBUM = "/customer/album/";
const PublicAlbum = lazy(() => import("./screens/albums/public").then((part) => part.PublicAlbum));

async function start(): Promise<void> {
  restoreTheme();
  startRouter();
  const root = document.getElementById("app");
  if (path.value.startsWith(ALBUM)) {
    const token = path.value.slice(ALBUM.length).replace(/\/$/, "");
    if (root) render(<PublicAlbum token={token} />, root);
    return;
  }
  const session = browserSession("customer");
  const first = await session.restore().catch(() => null);
  if (root) render(<Portal session={session} first={first} />, root);
  watchVersions("customer");
}

void start();
