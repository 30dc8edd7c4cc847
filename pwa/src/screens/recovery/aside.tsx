/** Setting a refused change aside asks for the reason, which its author reads. */
import { useState } from "preact/hooks";
import { AreaField } from "../../ui/field";
import { Sheet } from "../../ui/sheet";
import { act } from "../act";
import type { Refused } from "./fetch";
import { settled } from "./settle";

export function AsideSheet({ one, onClose }: { one: Refused; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const save = async () => {
    if (await act([settled(one.key, one.person, "dismissed", reason.trim())], "Set aside")) onClose();
  };
  return (
    <Sheet
      title="Set this aside?"
      onClose={onClose}
      footer={
        <>
          <button type="button" class="button" onClick={onClose}>
            Leave it
          </button>
          <button type="button" class="button main" disabled={!reason.trim()} onClick={() => void save()}>
            Set aside
          </button>
        </>
      }
    >
      <p class="soft">It stays in the shop's log. {one.name} reads why it was not taken over.</p>
      <AreaField label="Why" value={reason} onInput={setReason} required autofocus />
    </Sheet>
  );
}
