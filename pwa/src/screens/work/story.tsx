/** Complaint, diagnosis, correction: what was said, what was found, what was done. */
import type { Shown } from "../../sync/types";
import { text } from "../../ui/data";
import { Icon } from "../../ui/icons";
import { inner, word } from "../../ui/words";
import { HistoryButton } from "../history/button";
import { me } from "../live";

const PARTS = ["complaint", "diagnosis", "correction"];

export function StoryCard({ order }: { order: Shown }) {
  const may = me.value.role !== "parts";
  return (
    <section class="card story" aria-label="What was said, found and done">
      {PARTS.map((field) => (
        <div key={field} class="story-part">
          <div class="row">
            <h2 class="grow">{word(field)}</h2>
            {order.pending.includes(field) && <span class="sync phone small">not sent yet</span>}
            <HistoryButton of={order} field={field} />
            {may && text(order.data[field]) && (
              <a
                class="button quiet icon-only"
                href={`/work/${order.id}/edit?field=${field}`}
                aria-label={`Edit ${inner(field)}`}
              >
                <Icon name="edit" />
              </a>
            )}
          </div>
          {text(order.data[field]) ? (
            <p class="kept-lines">{text(order.data[field])}</p>
          ) : may ? (
            <a class="button tinted add" href={`/work/${order.id}/edit?field=${field}`}>
              <Icon name="plus" /> Add {inner(field)}
            </a>
          ) : (
            <p class="soft">Nothing yet</p>
          )}
        </div>
      ))}
    </section>
  );
}
