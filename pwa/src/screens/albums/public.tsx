/**
 * An album as somebody sees it who was sent the link. There is no session here and no replica: what is shown is asked of the
 * shop each time, and nothing of it stays on the device.
 */
import { useEffect, useState } from "preact/hooks";
import { Empty } from "../../ui/empty";
import { setFormats } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { setTheme, theme } from "../../ui/theme";
import { type Branding, fetchBranding, keptBranding, wear } from "../session/branding";
import { albumPath, ask, type Failed, isFailed, type Visited } from "./fetch";
import { Grid } from "./grid";
import { Locked } from "./locked";
import { countOf, dayOf } from "./words";

export function PublicAlbum({ token }: { token: string }) {
  const [album, setAlbum] = useState<Visited | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const [branding, setBranding] = useState<Branding | null>(keptBranding());
  const load = async () => {
    setFailed(null);
    const found = await ask<Visited>(albumPath(token));
    if (isFailed(found)) setFailed(found);
    else setAlbum(found);
  };
  useEffect(() => void load(), [token]);
  useEffect(() => void fetchBranding().then(setBranding), []);
  const shop = album?.shop ?? branding?.name ?? "";
  useEffect(() => {
    wear(branding);
    setFormats({ locale: branding?.locale });
    document.title = [album?.title, shop].filter(Boolean).join(" · ") || "Photos";
  }, [branding, album]);
  return (
    <div class="portal album-page">
      <header class="topbar">
        <span class="mark" aria-hidden="true">
          <Icon name="shop" />
        </span>
        <span class="title clip">{shop}</span>
      </header>
      <main id="main" class="screen" aria-busy={!album && !failed}>
        {!album && !failed && <p class="soft">Fetching the photos …</p>}
        {failed?.why === "locked" && <Locked token={token} onOpen={() => void load()} />}
        {failed && failed.why !== "locked" && (
          <NotShown failed={failed} shop={shop} onAgain={() => void load()} />
        )}
        {album && !failed && <Album token={token} album={album} onStale={() => void load()} />}
      </main>
      <footer class="portal-foot row wrap">
        <button
          type="button"
          class="button quiet"
          onClick={() => setTheme(theme.value === "dark" ? "light" : "dark")}
        >
          <Icon name="moon" /> {theme.value === "dark" ? "Light" : "Dark"}
        </button>
      </footer>
    </div>
  );
}

interface AlbumProps {
  token: string;
  album: Visited;
  onStale: () => void;
}

function Album({ token, album, onStale }: AlbumProps) {
  return (
    <article class="stack">
      <header class="album-head">
        <div class="stack-tight grow">
          <h1>{album.title}</h1>
          <p class="soft number">
            {countOf(album.photos.length)}, to be seen until {dayOf(album.expires_at, Date.now())}
          </p>
        </div>
        {album.photos.length > 0 && (
          <a class="button main" href={`${albumPath(token)}/zip`} download>
            <Icon name="download" /> Download all
          </a>
        )}
      </header>
      {album.photos.length > 0 ? (
        <Grid token={token} photos={album.photos} onStale={onStale} />
      ) : (
        <Empty icon="photo" title="No photos here yet">
          They show here as soon as {album.shop} shares them. Open this page again later.
        </Empty>
      )}
    </article>
  );
}

/** Says why there is nothing, and what to do about it. */
function NotShown({ failed, shop, onAgain }: { failed: Failed; shop: string; onAgain: () => void }) {
  if (failed.why === "over")
    return (
      <Empty
        icon="lock"
        title="This link does not work any more"
        action={
          <a class="button" href="/customer/login">
            <Icon name="shop" /> Your own orders
          </a>
        }
      >
        It has ended, or it was not copied whole. Please ask {shop || "the shop"} for a new one.
      </Empty>
    );
  const offline = failed.why === "offline";
  return (
    <Empty
      icon={offline ? "offline" : "alert"}
      title={offline ? "No network" : "This does not work just now"}
      action={
        <button type="button" class="button main" onClick={onAgain}>
          Try again
        </button>
      }
    >
      {offline ? "These photos are kept at the shop: they show when you are on line." : failed.message}
    </Empty>
  );
}
