/** Finding a part: what one used last, by words, by the code of a scanner that types, or with the camera. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { Empty } from "../../ui/empty";
import { Icon } from "../../ui/icons";
import { lazy } from "../../ui/lazy";
import { SearchBox } from "../../ui/searchbox";
import { me, record, records } from "../live";
import { PartRow } from "./row";
import { partsInUse } from "./shelf";
import { partOfCode, recentParts, searchParts } from "./stock";

const Scanner = lazy(async () => (await import("./scan/scanner")).Scanner);

const RECENT_MAX = 8;
const FOUND_MAX = 40;

export function FindPart({ onFound }: { onFound: (part: Shown) => void }) {
  const [words, say] = useState("");
  const [scanning, scan] = useState(false);
  const [unknown, notKnown] = useState<string | null>(null);
  const parts = partsInUse();
  const found = words.trim() ? searchParts(parts, words) : [];
  /** A code that was read: the part it belongs to, or the word that there is none. */
  const read = (code: string) => {
    scan(false);
    const part = partOfCode(parts, code);
    if (part) onFound(part);
    else notKnown(code);
  };
  const enter = () => {
    const part = partOfCode(parts, words) ?? (found.length === 1 ? found[0] : null);
    if (part) onFound(part);
  };
  if (scanning) return <Scanner onCode={read} onClose={() => scan(false)} />;
  return (
    <>
      <div class="row find-part">
        <SearchBox
          label="Search parts"
          placeholder="Name or code"
          value={words}
          onInput={(typed) => {
            notKnown(null);
            say(typed);
          }}
          onEnter={enter}
        />
        <button type="button" class="button tinted" onClick={() => scan(true)}>
          <Icon name="barcode" /> Scan
        </button>
      </div>
      {unknown !== null && (
        <p class="banner tone-amber" role="alert">
          <Icon name="barcode" />
          <span class="grow">
            No part here has the code <strong>{unknown}</strong>. Find it by its name; who looks after the
            parts can give it this code.
          </span>
        </p>
      )}
      <div class="found-parts">
        {words.trim() ? (
          <Found words={words} parts={found} onFound={onFound} />
        ) : (
          <Recent all={parts} onFound={onFound} />
        )}
      </div>
    </>
  );
}

function Found({ words, parts, onFound }: { words: string; parts: Shown[]; onFound: (part: Shown) => void }) {
  if (parts.length === 0)
    return (
      <Empty icon="search" title={`No part for “${words.trim()}”`}>
        Fewer words find more. What is in no list goes on the work order under Add, as a part not from stock.
      </Empty>
    );
  return (
    <>
      <p class="soft mid" role="status">
        {parts.length} found
      </p>
      <Rows parts={parts.slice(0, FOUND_MAX)} onFound={onFound} />
    </>
  );
}

function Recent({ all, onFound }: { all: Shown[]; onFound: (part: Shown) => void }) {
  const used = recentParts(records("part_movement"), me.value.id, RECENT_MAX);
  const recent = used.flatMap((id) => record("part", id) ?? []).filter((one) => one.data.active !== false);
  const others = searchParts(all, "").filter((one) => !recent.some(({ id }) => id === one.id));
  if (all.length === 0)
    return (
      <Empty icon="box" title="No parts yet">
        Who looks after the parts adds them under More, Parts.
      </Empty>
    );
  return (
    <>
      {recent.length > 0 && (
        <>
          <h3 class="group-title">You used last</h3>
          <Rows parts={recent} onFound={onFound} />
          <h3 class="group-title">All parts</h3>
        </>
      )}
      <Rows parts={others.slice(0, FOUND_MAX)} onFound={onFound} />
      {others.length > FOUND_MAX && (
        <p class="soft mid">Search to see the other {others.length - FOUND_MAX}.</p>
      )}
    </>
  );
}

function Rows({ parts, onFound }: { parts: Shown[]; onFound: (part: Shown) => void }) {
  return (
    <div class="part-list">
      {parts.map((one) => (
        <PartRow key={one.id} part={one} onPick={() => onFound(one)} />
      ))}
    </div>
  );
}
