/** Collections for the tests: small, with one field of each policy that matters to a phone. */

import type { Collections } from "../../pwa/src/sync/schema";
import type { Identity } from "../../pwa/src/sync/types";

export const COLLECTIONS: Collections = {
  work_order: {
    parents: [],
    appendOnly: false,
    fields: {
      customer: { type: "ref", policy: "latest", ref: "customer" },
      complaint: { type: "text", policy: "keep_both" },
      diagnosis: { type: "text", policy: "keep_both" },
      status: { type: "choice", policy: "steps", group: "status" },
      status_reason: { type: "text", policy: "steps", group: "status" },
      priority: { type: "choice", policy: "latest" },
      tags: { type: "set", policy: "elements" },
    },
  },
  note: {
    parents: ["work_order", "customer"],
    appendOnly: false,
    fields: {
      work_order: { type: "ref", policy: "first", ref: "work_order" },
      customer: { type: "ref", policy: "first", ref: "customer" },
      text: { type: "text", policy: "text" },
    },
  },
  photo: {
    parents: ["work_order"],
    appendOnly: false,
    fields: {
      work_order: { type: "ref", policy: "first", ref: "work_order" },
      kind: { type: "choice", policy: "latest" },
      sha256: { type: "text", policy: "first" },
      media: { type: "choice", policy: "server" },
      media_reason: { type: "text", policy: "server" },
    },
  },
  part_movement: {
    parents: ["part"],
    appendOnly: true,
    fields: { part: { type: "ref", policy: "first" }, quantity_milli: { type: "integer", policy: "first" } },
  },
  conflict: {
    parents: ["root"],
    fields: { record: { type: "text", policy: "server" }, open: { type: "flag", policy: "server" } },
  },
};

export const REPLICA = "raaaaaaaaaaaa";

export function identity(replica = REPLICA): Identity {
  return {
    shop: "shop1",
    shopName: "Demo",
    replica,
    epoch: "e1",
    principal: { kind: "staff", id: "tech1", role: "tech", name: "Tech One" },
  };
}

/** Ids that say in a failing test which record they are. */
export function idOf(n: number): string {
  return `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
}
