/** The history sheet: newest first, by day, with what differs marked, and an older value back by one tap. */
import { initials } from "../../ui/data";
import { Icon } from "../../ui/icons";
import { Sheet } from "../../ui/sheet";
import { capital, inner, word } from "../../ui/words";
import { act, patch } from "../act";
import { me, record } from "../live";
import { maySet } from "../rights";
import { reasonOf } from "../sync/reasons";
import { useHistory } from "./fetch";
import { Held } from "./held";
import { type About, historyOpen } from "./open";
import { Change } from "./value";
import { becameWords, byDay, type Entry, goesWith, headline, takenBack, whereWords, whoOf } from "./words";

const close = () => {
  historyOpen.value = null;
};

export function HistorySheet() {
  const about = historyOpen.value;
  return about ? <History key={`${about.id}.${about.field}`} about={about} /> : null;
}

function History({ about }: { about: About }) {
  const held = record(about.collection, about.id);
  const { entries, failed, more, again } = useHistory(about, held?.data.updated_at);
  const what = about.field ? inner(about.field) : inner(about.collection);
  return (
    <Sheet title={`History of ${what}`} onClose={close}>
      <div class="history stack" aria-live="polite" aria-busy={!entries && !failed}>
        <Held about={about} failed={failed} onAgain={() => void again()} />
        {!entries && !failed && <p class="soft">Asking the shop …</p>}
        {byDay(entries ?? [], Date.now()).map((day) => (
          <section key={day.title} aria-label={day.title}>
            <h3 class="group-title">{day.title}</h3>
            <ol class="history-list">
              {day.entries.map((entry, i) => (
                <EntryRow
                  key={`${entry.seq}.${entry.unit}`}
                  about={about}
                  entry={entry}
                  more={goesWith(entry, day.entries[i - 1])}
                />
              ))}
            </ol>
          </section>
        ))}
        {more && (
          <button type="button" class="button wide" onClick={() => void more()}>
            Older changes
          </button>
        )}
        {entries?.some((entry) => entry.offline) && (
          <p class="soft small">
            “Written off line” means that more than a minute passed between the change and its arrival at the
            shop.
          </p>
        )}
      </div>
    </Sheet>
  );
}

/** `more`: it goes with the entry above it, which has said who, when and where. */
function EntryRow({ about, entry, more }: { about: About; entry: Entry; more: boolean }) {
  const mine = me.value.id;
  const became = becameWords(entry, mine);
  return (
    <li class={`history-entry is-${entry.became} ${more ? "is-more" : ""}`}>
      {!more && (
        <span class="avatar" aria-hidden="true">
          {entry.person ? initials(entry.name) || "?" : <Icon name="shop" />}
        </span>
      )}
      <div class="grow stack-tight">
        <div class="row wrap history-head">
          <strong>{more ? `and ${inner(entry.unit)}` : headline(entry, mine)}</strong>
          <span class={`badge tone-${became.tone}`}>{became.text}</span>
        </div>
        <Change collection={about.collection} entry={entry} />
        {entry.code && <p class="small tone-text-red">{reasonOf(entry.code, entry.message)}</p>}
        <div class="row wrap">
          <span class="soft small number grow">{!more && whereWords(entry)}</span>
          <TakeBack about={about} entry={entry} />
        </div>
      </div>
    </li>
  );
}

function TakeBack({ about, entry }: { about: About; entry: Entry }) {
  const held = record(about.collection, about.id);
  const values = takenBack(about.collection, entry, held?.data);
  const may = values && Object.keys(values).every((name) => maySet(about.collection as "work_order", name));
  if (!values || !may) return null;
  const run = async () => {
    if (await act([patch(about.collection, about.id, values)], `${capital(word(entry.unit))} is as before`))
      close();
  };
  return (
    <button
      type="button"
      class="button quiet take-back"
      aria-label={`Use what ${whoOf(entry, me.value.id)} wrote again`}
      onClick={() => void run()}
    >
      Use this again
    </button>
  );
}
