/** Whose photo it is: of a customer or a machine through its work order, or of the machine itself. */
import type { Shown } from "../../sync/types";
import { must } from "../live";

export function belongs(photo: Shown, collection: string, id: string): boolean {
  if (photo.data[collection] === id) return true;
  const order = must().get("work_order", String(photo.data.work_order ?? ""));
  return order?.data[collection] === id;
}
