/** Pictures that another app shared with this one: which work order are they for? They are kept once that is said. */
import { useEffect, useState } from "preact/hooks";
import { forgetShared, type Shared, sharedFiles } from "../../media/share_target";
import type { PhotoKind } from "../../media/types";
import { Empty } from "../../ui/empty";
import { ChipField } from "../../ui/field";
import { Icon } from "../../ui/icons";
import { go, query } from "../../ui/router";
import { inner, word } from "../../ui/words";
import { record } from "../live";
import { may } from "../rights";
import { aboutOf, KINDS } from "./camera/open";
import { ChooseOrder } from "./choose";
import { bring } from "./shots";

export function SharedScreen() {
  const [shared, setShared] = useState<Shared | null>(null);
  const [read, setRead] = useState(false);
  const [kind, setKind] = useState<PhotoKind>("during");
  useEffect(() => {
    void sharedFiles()
      .then(setShared, () => setShared(null))
      .finally(() => setRead(true));
  }, []);
  if (!read) return null;
  if (!shared?.files.length || !may("c", "photo")) return <Nothing />;
  const count = shared.files.length;
  const keep = async (id: string) => {
    const order = record("work_order", id);
    if (!order) return;
    await bring(shared.files, aboutOf(order, shared.text, kind));
    await forgetShared();
    go(`/work/${id}`, "replace");
  };
  return (
    <div class="stack">
      <h1>
        {count} shared {count === 1 ? "picture" : "pictures"}
      </h1>
      <Previews files={shared.files} />
      <ChipField
        label={count === 1 ? "What it shows" : "What they show"}
        value={kind}
        onInput={(chosen) => setKind(chosen as PhotoKind)}
        options={KINDS.map((value) => ({ value, label: word(`photo.${value}`) }))}
      />
      <section class="stack" aria-label={`For which ${inner("work_order")}?`}>
        <h2>For which {inner("work_order")}?</h2>
        <ChooseOrder onChoose={(id) => void keep(id)} />
      </section>
      <button type="button" class="button" onClick={() => void forgetShared().then(() => go("/", "replace"))}>
        Do not keep {count === 1 ? "it" : "them"}
      </button>
    </div>
  );
}

function Previews({ files }: { files: File[] }) {
  const [urls, setUrls] = useState<string[]>([]);
  useEffect(() => {
    const made = files.map((one) => (one.type.startsWith("image/") ? URL.createObjectURL(one) : ""));
    setUrls(made);
    return () => {
      for (const one of made) if (one) URL.revokeObjectURL(one);
    };
  }, [files]);
  return (
    <ul class="gallery dense">
      {urls.map((url, i) => (
        <li key={files[i]?.name} class="shot">
          {url ? <img src={url} alt={files[i]?.name ?? ""} /> : <Icon name="file" label={files[i]?.name} />}
        </li>
      ))}
    </ul>
  );
}

/** A share that came before the app had been opened once on this phone is lost on its way: the other app still has it. */
function Nothing() {
  const missed = new URLSearchParams(query.value).has("missed");
  return (
    <Empty
      icon="share"
      title={missed ? "The pictures did not arrive" : "Nothing was shared"}
      action={
        <a class="button main" href="/">
          To Now
        </a>
      }
    >
      {missed
        ? "The app was not ready on this phone yet. It is now: please share them once more."
        : "Share pictures from another app, and they can be put to a work order here."}
    </Empty>
  );
}
