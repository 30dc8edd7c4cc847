/** Sharing the photos of a work order by a link, as the staff do it: make one, hand it on, see who looked, end it. */
import { useEffect, useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { Empty } from "../../ui/empty";
import { Sheet } from "../../ui/sheet";
import { type Album, type Failed, fetchAlbums, isFailed, type Made } from "./fetch";
import { WishForm } from "./form";
import { Links } from "./links";
import { NewLink } from "./newlink";

interface Props {
  order: Shown;
  onClose: () => void;
}

export function AlbumSheet({ order, onClose }: Props) {
  const [albums, setAlbums] = useState<Album[] | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const [made, setMade] = useState<Made | null>(null);
  const load = async () => {
    const found = await fetchAlbums(order.id);
    setFailed(isFailed(found) ? found : null);
    if (!isFailed(found)) setAlbums(found);
  };
  useEffect(() => void load(), [order.id]);
  const turn = (one: Made | null) => {
    setMade(one);
    void load();
  };
  return (
    <Sheet title={made ? "The link is ready" : "Share photos"} onClose={onClose}>
      <div class="stack" aria-busy={!albums && !failed}>
        {failed && <NotNow failed={failed} onAgain={() => void load()} />}
        {!failed && !albums && <p class="soft">Asking the shop …</p>}
        {albums && made && <NewLink made={made} onDone={() => turn(null)} />}
        {albums && !made && !failed && <WishForm order={order} onMade={turn} />}
        {albums && !failed && <Links albums={albums.filter((one) => one.id !== made?.id)} onChange={load} />}
      </div>
    </Sheet>
  );
}

function NotNow({ failed, onAgain }: { failed: Failed; onAgain: () => void }) {
  const offline = failed.why === "offline";
  return (
    <Empty
      icon={offline ? "offline" : "alert"}
      title={offline ? "Sharing needs the network" : "This does not work just now"}
      action={
        <button type="button" class="button" onClick={onAgain}>
          Try again
        </button>
      }
    >
      {offline
        ? "Links are made and kept at the shop, not on this phone."
        : failed.message || "The shop gave no answer that can be read."}
    </Empty>
  );
}
