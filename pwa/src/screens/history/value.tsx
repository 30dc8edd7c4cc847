/** What an entry changed: texts with the words that went and came, all else as "from … to …". */
import { Fragment } from "preact";
import { first } from "../../ui/data";
import { differences, type Piece } from "../../ui/diff";
import { capital, word } from "../../ui/words";
import { record } from "../live";
import { type Entry, fieldsOf, toWords } from "./words";

const nameOf = (collection: string, id: string): string => {
  const data = record(collection, id)?.data;
  return first(data?.name, data?.number, data?.title, [data?.make, data?.model].filter(Boolean).join(" "));
};

export function Change({ collection, entry }: { collection: string; entry: Entry }) {
  if (entry.op === "delete") return null;
  const fields = fieldsOf(entry);
  return (
    <>
      {fields.map((field) => (
        <Fragment key={field}>
          {fields.length > 1 && field !== entry.unit && (
            <span class="soft small">{capital(word(field))}</span>
          )}
          <OneChange collection={collection} field={field} entry={entry} />
        </Fragment>
      ))}
    </>
  );
}

function OneChange({ collection, field, entry }: { collection: string; field: string; entry: Entry }) {
  const is = toWords(collection, field, entry.values[field], nameOf);
  const was = toWords(collection, field, entry.was?.[field], nameOf);
  if (entry.op === "create") return is ? <p class="kept-lines">{is}</p> : null;
  const pieces = was.includes(" ") || is.includes(" ") ? differences(was, is) : null;
  if (pieces) return <Marked pieces={pieces} />;
  if (!was) return <p class="kept-lines">{is || <span class="soft">empty</span>}</p>;
  return (
    <p class="kept-lines">
      <del>
        <span class="hidden-label">was: </span>
        {was}
      </del>{" "}
      <ins>
        <span class="hidden-label">now: </span>
        {is || "empty"}
      </ins>
    </p>
  );
}

export function Marked({ pieces }: { pieces: Piece[] }) {
  return (
    <p class="kept-lines">
      {pieces.map((piece, i) => (
        <OnePiece key={i} piece={piece} />
      ))}
    </p>
  );
}

/** White space at the ends of what went or came is left unmarked: a struck blank reads as a dash. */
function OnePiece({ piece: { is, text } }: { piece: Piece }) {
  if (is === "same" || !text.trim()) return <span>{text}</span>;
  const [, before, words, after] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? [];
  const Mark = is === "gone" ? "del" : "ins";
  return (
    <>
      {before}
      <Mark>
        <span class="hidden-label">{is === "gone" ? " removed: " : " added: "}</span>
        {words}
      </Mark>
      {after}
    </>
  );
}
