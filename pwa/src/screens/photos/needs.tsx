/** Photos that need the person, on the screen of all that does: what the shop did not take, and the ways on. */
import type { Shown } from "../../sync/types";
import { Icon } from "../../ui/icons";
import { record, records } from "../live";
import { customerName, numberOf } from "../work/facts";
import { fileState, filesOverall } from "./media";
import { RefusedFile } from "./refusedfile";
import { kindWord } from "./source";
import { Thumb } from "./tile";
import { view } from "./viewer/open";

export const refusedFiles = (): Shown[] =>
  filesOverall.value?.needsYou ? records("photo").filter((one) => fileState(one.id)?.is === "needs_you") : [];

export function RefusedCards() {
  return (
    <>
      {refusedFiles().map((photo) => (
        <Card key={photo.id} photo={photo} />
      ))}
    </>
  );
}

function Card({ photo }: { photo: Shown }) {
  const order = record("work_order", photo.data.work_order);
  const customer = record("customer", order?.data.customer)?.data;
  return (
    <section class="card pad stack" aria-label="A photo the shop did not take">
      <div class="banner tone-red">
        <Icon name="alert" />
        <span class="grow">
          <strong>The shop did not take this photo.</strong>
        </span>
      </div>
      <button type="button" class="row" onClick={() => view([photo.id], photo.id)}>
        <span class="strip-shot">
          <Thumb photo={photo} />
        </span>
        <span class="grow">
          <strong class="block">{kindWord(photo)}</strong>
          <span class="soft block">
            {[order && numberOf(order), customerName(customer)].filter(Boolean).join(" · ")}
          </span>
        </span>
      </button>
      <RefusedFile photo={photo} />
    </section>
  );
}
