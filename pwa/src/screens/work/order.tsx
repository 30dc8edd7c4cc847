/** One work order: everything about it on one page; the step that comes next is at the thumb. */
import { Empty } from "../../ui/empty";
import { go } from "../../ui/router";
import { inner, word } from "../../ui/words";
import { ConflictBanners } from "../conflicts/banner";
import { CustomerCard } from "../customers/card";
import { EquipmentCard } from "../equipment/card";
import { overall, record } from "../live";
import { PhotosCard } from "../photos/card";
import { TimeCard } from "../timesheet/card";
import { ActionBar } from "./actions";
import { DetailsCard } from "./details";
import { OrderHeader } from "./header";
import { LinesCard } from "./lines";
import { NotesCard } from "./notes";
import { ParkedBanner } from "./parkedbanner";
import { StoryCard } from "./story";
import { TasksCard } from "./tasks";

export function OrderScreen({ id }: { id: string }) {
  const order = record("work_order", id);
  if (!order) return <NotHere />;
  return (
    <article class="order" key={id}>
      <OrderHeader order={order} />
      <div class="order-columns">
        <div class="order-main">
          <ParkedBanner order={order} />
          <ConflictBanners order={order} />
          <StoryCard order={order} />
          <TasksCard order={order} />
          <LinesCard order={order} />
          <PhotosCard order={order} />
        </div>
        <aside class="order-side" aria-label={`About this ${inner("work_order")}`}>
          <CustomerCard order={order} />
          <EquipmentCard order={order} />
          <NotesCard order={order} />
          <TimeCard order={order} />
          <DetailsCard order={order} />
        </aside>
      </div>
      <ActionBar order={order} />
    </article>
  );
}

function NotHere() {
  const loading = overall.value?.bootstrapping != null;
  return (
    <Empty
      icon={loading ? "download" : "search"}
      title={loading ? "Still on its way" : `This ${inner("work_order")} is not on this phone`}
      action={
        <button type="button" class="button main" onClick={() => go("/jobs")}>
          See all {word("work_orders").toLowerCase()}
        </button>
      }
    >
      {loading
        ? "It shows here as soon as it has arrived."
        : "It may be older than what is kept here, or no longer yours to see."}
    </Empty>
  );
}
