/** The links made so far: how often each was opened, until when it works, and the way to end it. */
import { useState } from "preact/hooks";
import { Badge } from "../../ui/badges";
import { toast } from "../../ui/toast";
import { type Album, isFailed, revokeAlbum } from "./fetch";
import { countOf, endOf, stateOf, viewsOf } from "./words";

interface Props {
  albums: Album[];
  onChange: () => Promise<void>;
}

export function Links({ albums, onChange }: Props) {
  const now = Date.now();
  if (albums.length === 0) return null;
  const [open, ended] = [
    albums.filter((one) => stateOf(one, now) === "open"),
    albums.filter((one) => stateOf(one, now) !== "open"),
  ];
  return (
    <section class="stack-tight" aria-labelledby="links-title">
      <h3 id="links-title" class="group-title">
        Links so far
      </h3>
      <ul class="stack-tight">
        {[...open, ...ended].map((one) => (
          <li key={one.id} class="card pad stack-tight album-link">
            <Link album={one} now={now} onChange={onChange} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Link({ album, now, onChange }: { album: Album; now: number; onChange: () => Promise<void> }) {
  const [asking, setAsking] = useState(false);
  const open = stateOf(album, now) === "open";
  const end = async () => {
    const done = await revokeAlbum(album.id);
    setAsking(false);
    if (isFailed(done)) {
      const offline = done.why === "offline";
      toast(offline ? "No network: the link still works." : "This did not work: the link still works.", {
        bad: true,
      });
    }
    await onChange();
  };
  return (
    <>
      <div class="row wrap">
        <strong class="grow">{album.title}</strong>
        {album.password && (
          <Badge tone="grey" icon="lock">
            password
          </Badge>
        )}
        {album.photos && <Badge tone="grey">{countOf(album.photos.length)}</Badge>}
        {!open && (
          <Badge tone={album.revoked ? "red" : "grey"} icon="ban">
            ended
          </Badge>
        )}
      </div>
      <div class="row wrap">
        <span class="soft small number grow">
          {viewsOf(album, now)}
          <span class="block">{endOf(album, now)}</span>
        </span>
        {open && !asking && (
          <button type="button" class="button" onClick={() => setAsking(true)}>
            End it
          </button>
        )}
      </div>
      {asking && (
        <div class="stack-tight" role="alertdialog" aria-label={`End the link ${album.title}?`}>
          <p>Whoever has this link sees nothing any more, at once and for good.</p>
          <div class="row wrap">
            <button type="button" class="button grow" onClick={() => setAsking(false)}>
              Keep it
            </button>
            <button type="button" class="button danger grow" onClick={() => void end()}>
              End the link
            </button>
          </div>
        </div>
      )}
    </>
  );
}
