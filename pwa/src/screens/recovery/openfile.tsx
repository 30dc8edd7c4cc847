/** A refused change that its author exported as a file, opened at the desk. */
import { useRef } from "preact/hooks";
import { Icon } from "../../ui/icons";
import { toast } from "../../ui/toast";
import { record } from "../live";
import type { Refused } from "./fetch";
import { type ChangeFile, fromFile } from "./file";
import { nameOfStaff } from "./settle";

function asRefused({ author, change }: ChangeFile): Refused {
  const { id, at, code, message, ops } = change;
  const told = ops.map((op) => ({
    op: op.op,
    collection: op.collection,
    id: op.id,
    set: "set" in op ? op.set : {},
  }));
  const from = { person: author.id, name: nameOfStaff(author.id), device: "a file", revoked: false };
  return {
    seq: 0,
    changeset: id,
    key: id,
    ...from,
    edited_at: at,
    received_at: at,
    code,
    message,
    ops: told,
  };
}

export function OpenFile({ onRead }: { onRead: (one: Refused) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const read = async (file: File | undefined) => {
    if (!file) return;
    const found = fromFile(await file.text());
    if (input.current) input.current.value = "";
    if (!found) toast("This file holds no refused change.", { bad: true });
    else if (record("recovery", found.change.id)) toast("This change was settled already.");
    else onRead(asRefused(found));
  };
  return (
    <>
      <button type="button" class="button" onClick={() => input.current?.click()}>
        <Icon name="inbox" /> Open a file
      </button>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        hidden
        aria-label="File with a refused change"
        onChange={(event) => void read(event.currentTarget.files?.[0])}
      />
    </>
  );
}
