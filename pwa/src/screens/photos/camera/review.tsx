/** One picture that was just taken, large: take it again, throw it away, or, where it could not be kept, what to do. */
import type { Draft } from "../../../sync/types";
import { Icon } from "../../../ui/icons";
import { act } from "../../act";
import { must } from "../../live";
import { media } from "../media";
import { letGo, type Shot, saveToPhone, tryAgain } from "../shots";

export function Review({ shot, onClose }: { shot: Shot; onClose: () => void }) {
  return (
    <div class="review">
      <img src={shot.url} alt="What was just taken" />
      {shot.is === "failed" && (
        <p class="banner tone-red" role="alert">
          <Icon name="alert" />
          <span class="grow">{shot.reason}</span>
        </p>
      )}
      {shot.is === "failed" ? (
        <Failed shot={shot} onClose={onClose} />
      ) : (
        <Kept shot={shot} onClose={onClose} />
      )}
    </div>
  );
}

function Kept({ shot, onClose }: { shot: Shot; onClose: () => void }) {
  const away = async () => {
    if (await takeBack(shot)) onClose();
  };
  return (
    <div class="row review-actions">
      <button type="button" class="button grow" disabled={shot.is !== "kept"} onClick={() => void away()}>
        <Icon name="undo" /> Retake
      </button>
      <button type="button" class="button main grow" onClick={onClose}>
        Keep
      </button>
    </div>
  );
}

export function Failed({ shot, onClose }: { shot: Shot; onClose?: () => void }) {
  const drop = () => {
    letGo(shot);
    onClose?.();
  };
  return (
    <div class="row wrap review-actions">
      {!shot.hopeless && (
        <button type="button" class="button main grow" onClick={() => tryAgain(shot)}>
          Try again
        </button>
      )}
      <button
        type="button"
        class="button grow"
        onClick={() => saveToPhone(shot.taken.blob, shot.taken.takenAt)}
      >
        <Icon name="download" /> Save to phone
      </button>
      <button type="button" class="button icon-only tall" aria-label="Throw this photo away" onClick={drop}>
        <Icon name="trash" />
      </button>
    </div>
  );
}

/** As if never taken where it has not been sent, else deleted like any photo, with Undo. */
async function takeBack(shot: Shot): Promise<boolean> {
  if (!shot.id) return false;
  if (await media.value?.takeBack(shot.id).catch(() => false)) {
    letGo(shot);
    return true;
  }
  const draft: Draft = { op: "delete", collection: "photo", id: shot.id, form: must().form(shot.id) };
  const done = await act([draft], "Photo deleted");
  if (done) letGo(shot);
  return done;
}
