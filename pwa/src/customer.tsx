/** The customer's page. It shares the small elements with the staff's page, and none of its screens. */
import { render } from "preact";
import { Portal } from "./screens/portal/app";
import { browserSession } from "./screens/session/browser";
import { watchVersions } from "./screens/shell/version";
import { startRouter } from "./ui/router";
import { restoreTheme } from "./ui/theme";

async function start(): Promise<void> {
  restoreTheme();
  startRouter();
  const session = browserSession("customer");
  const first = await session.restore().catch(() => null);
  const root = document.getElementById("app");
  if (root) render(<Portal session={session} first={first} />, root);
  watchVersions("customer");
}

void start();
