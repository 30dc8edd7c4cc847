/** Photos in the sync sheet: how many wait and why, how far all are, and what the person may wish about it. */
import type { FilesOverall } from "../../media/types";
import type { Shown } from "../../sync/types";
import { bytes } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { record, records } from "../live";
import { customerName, numberOf } from "../work/facts";
import { fileState, filesOverall, media, wishes } from "./media";
import { RefusedFile } from "./refusedfile";
import { kindWord, takenAt } from "./source";
import { PAUSES } from "./state";
import { PhotoSync } from "./sync";
import { Thumb } from "./tile";

const SHOWN_MAX = 30;

/** Those on their way first, then in the order in which they were taken. */
function onThisPhone(): Shown[] {
  const rank = (one: Shown) => ["needs_you", "sending", "phone"].indexOf(fileState(one.id)?.is ?? "");
  return records("photo")
    .filter((one) => rank(one) >= 0)
    .sort((a, b) => rank(a) - rank(b) || takenAt(a) - takenAt(b));
}

export function PhotosWaiting() {
  const all = filesOverall.value;
  if (!all) return null;
  const list = all.waiting + all.needsYou > 0 ? onThisPhone() : [];
  return (
    <section class="photos-waiting stack" aria-labelledby="photos-waiting-title">
      <h3 id="photos-waiting-title">Photos</h3>
      <Headline all={all} />
      {list.length > 0 && (
        <ul class="pending" aria-label="Photos on this phone">
          {list.slice(0, SHOWN_MAX).map((photo) => (
            <Line key={photo.id} photo={photo} />
          ))}
          {list.length > SHOWN_MAX && <li class="soft small">and {list.length - SHOWN_MAX} more</li>}
        </ul>
      )}
      <Wishes all={all} />
    </section>
  );
}

const photos = (count: number) => `${count} ${count === 1 ? "photo" : "photos"}`;

function Headline({ all }: { all: FilesOverall }) {
  if (all.waiting === 0)
    return (
      <p class="soft">
        {all.needsYou ? "All other photos are at the shop." : "All photos taken here are at the shop."}
        {all.kept > 0 && ` ${photos(all.kept)} stay here too until the shop has a backup of them.`}
      </p>
    );
  const percent = Math.round(all.progress * 100);
  return (
    <div class="stack-tight">
      <p class="row wrap">
        <strong class="grow">
          {photos(all.waiting)} {all.waiting === 1 ? "waits" : "wait"}
        </strong>
        <span class="number soft">{bytes(all.bytesLeft)} left</span>
      </p>
      <div
        class="meter"
        role="progressbar"
        aria-label="Photos sent"
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <i style={{ width: `${percent}%` }} />
      </div>
      <p class="soft small" role="status">
        {all.why
          ? PAUSES[all.why]
          : all.sending
            ? `Sending, ${percent} % of all.`
            : "They are sent by themselves."}
      </p>
    </div>
  );
}

function Wishes({ all }: { all: FilesOverall }) {
  const wished = wishes.value;
  if (!wished) return null;
  const wish = (to: { paused?: boolean; wifiOnly?: boolean }) => void media.value?.wish(to);
  return (
    <div class="stack-tight">
      {(all.waiting > 0 || wished.paused) && (
        <div class="row wrap">
          <button type="button" class="button grow" onClick={() => wish({ paused: !wished.paused })}>
            <Icon name={wished.paused ? "play" : "pause"} />
            {wished.paused ? "Send photos again" : "Pause photos"}
          </button>
          {all.why === "busy" && (
            <button type="button" class="button grow" onClick={() => media.value?.sendNow()}>
              <Icon name="sync" /> Try now
            </button>
          )}
        </div>
      )}
      {wished.canTell ? (
        <label class="switch-row row">
          <input
            type="checkbox"
            checked={wished.wifiOnly}
            onChange={(event) => wish({ wifiOnly: event.currentTarget.checked })}
          />
          <span class="grow">Send photos only on Wi-Fi</span>
        </label>
      ) : (
        <p class="soft small">
          This browser does not tell Wi-Fi from mobile data, so photos are sent over whatever there is. Pause
          them to save data.
        </p>
      )}
    </div>
  );
}

function Line({ photo }: { photo: Shown }) {
  const order = record("work_order", photo.data.work_order);
  const customer = record("customer", order?.data.customer)?.data;
  const needsYou = fileState(photo.id)?.is === "needs_you";
  return (
    <li class="stack-tight photo-line">
      <div class="row">
        <span class="strip-shot small-shot" aria-hidden="true">
          <Thumb photo={photo} />
        </span>
        <span class="grow">
          <span class="clip block">{kindWord(photo)}</span>
          <span class="soft small clip block">
            {[order && numberOf(order), customerName(customer)].filter(Boolean).join(" · ")}
          </span>
        </span>
        <PhotoSync photo={photo} />
      </div>
      {needsYou && <RefusedFile photo={photo} />}
    </li>
  );
}
