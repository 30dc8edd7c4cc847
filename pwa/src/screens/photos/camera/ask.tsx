/** The camera was asked for where no work order is open: which one is it for? */
import { Sheet } from "../../../ui/sheet";
import { inner } from "../../../ui/words";
import { ChooseOrder } from "../choose";
import { cameraFor } from "./open";

export function AskOrder() {
  return (
    <Sheet title={`Photo for which ${inner("work_order")}?`} onClose={() => (cameraFor.value = null)}>
      <ChooseOrder onChoose={(id) => (cameraFor.value = id)} />
    </Sheet>
  );
}
