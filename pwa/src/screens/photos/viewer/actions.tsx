/** What one tap does with the photo in sight: draw on it, let the customer see it or not, hand it on. */
import type { Shown } from "../../../sync/types";
import { flag } from "../../../ui/data";
import { Icon } from "../../../ui/icons";
import { act, patch } from "../../act";
import { may } from "../../rights";
import { isDocument } from "../source";
import { drawn } from "./open";
import { canShare, handOn } from "./share";

interface Props {
  photo: Shown;
  staff: boolean;
  told: boolean;
  onTell: () => void;
}

async function showTo(photo: Shown): Promise<void> {
  const visible = !flag(photo.data.visible_to_customer);
  await act(
    [patch("photo", photo.id, { visible_to_customer: visible })],
    visible ? "The customer sees this photo" : "Hidden from the customer",
  );
}

export function Actions({ photo, staff, told, onTell }: Props) {
  const mayChange = staff && may("u", "photo", photo);
  const visible = flag(photo.data.visible_to_customer);
  return (
    <div class="viewer-actions">
      {mayChange && !isDocument(photo) && (
        <button type="button" class="act" onClick={() => (drawn.value = photo.id)}>
          <Icon name="draw" /> Draw
        </button>
      )}
      {mayChange && (
        <button
          type="button"
          class={`act ${visible ? "" : "lit"}`}
          aria-label={visible ? "The customer sees it. Hide it" : "Hidden from the customer. Show it"}
          onClick={() => void showTo(photo)}
        >
          <Icon name={visible ? "eye" : "hidden"} /> {visible ? "Customer sees it" : "Staff only"}
        </button>
      )}
      <button type="button" class="act" onClick={() => void handOn(photo)}>
        <Icon name={canShare ? "share" : "download"} /> {canShare ? "Share" : "Download"}
      </button>
      <button type="button" class="act phone-only" aria-expanded={told} onClick={onTell}>
        <Icon name="note" /> Details
      </button>
    </div>
  );
}
