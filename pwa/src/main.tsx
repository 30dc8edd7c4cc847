/** The staff page: restores what this device has, draws, and only then asks the network. */
import { render } from "preact";
import { browserSession } from "./screens/session/browser";
import { App } from "./screens/shell/app";
import { watchVersions } from "./screens/shell/version";
import { loadDrafts } from "./ui/draftstore";
import { startRouter } from "./ui/router";
import { restoreTheme } from "./ui/theme";

async function start(): Promise<void> {
  restoreTheme();
  startRouter();
  const session = browserSession("staff");
  const [first] = await Promise.all([session.restore().catch(() => null), loadDrafts()]);
  const root = document.getElementById("app");
  if (root) render(<App session={session} first={first} />, root);
  watchVersions("staff");
}

void start();
