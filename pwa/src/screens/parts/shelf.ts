/** The shelf as a signal: the parts that are kept, and how many of each there are as this phone knows it. */
import { computed } from "@preact/signals";
import type { Shown } from "../../sync/types";
import { records, replica } from "../live";
import { onHand, unsentByPart } from "./stock";

const unsent = computed(() => unsentByPart(replica.value ? records("part_movement") : []));

export const stockOf = (part: Shown): number => onHand(part, unsent.value.get(part.id) ?? []);

export const partsInUse = () => records("part").filter((one) => one.data.active !== false);
