/** Scripted conversations that every client can be put through (tests/vectors/conversations.json), here with the app's replica. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Draft, Form, Op, Replica } from "../../pwa/src/sync/types";
import type { Fetch } from "../../pwa/src/sync/world";
import { Outside } from "./outside";
import { openPhone, synced } from "./phone";
import type { Shop } from "./shop";

declare const WORKBAY_ROOT: string;

type Json = Record<string, unknown>;

interface Changeset {
  n: number;
  id?: string;
  ops: (Op & { base?: Json })[];
  was?: string;
}

interface Turn {
  request: Json & { changesets?: Changeset[] };
  status: number;
  answer: Json;
}

type Step =
  | { act: string; drafts: (Draft & { form?: string })[] }
  | { form: string; of: string }
  | { sync: Turn[] }
  | { shown: string; data: Json | null }
  | { parked: string[] };

interface Case {
  name: string;
  rules: string[];
  steps: Step[];
}

/** One phone in a conversation: what it asks is compared with the script, and answered from there. */
class Talk {
  private replica: Replica | undefined;
  private readonly ids = new Map<string, string>();
  private readonly forms = new Map<string, Form>();
  private turns: Turn[] = [];
  private wrong: unknown;

  private readonly fetch: Fetch = async (path, { body }) => {
    const turn = this.turns.shift();
    if (turn === undefined || path !== "/api/sync") throw new TypeError("network");
    try {
      this.compare(JSON.parse(body ?? "{}"), turn.request);
    } catch (error) {
      this.wrong ??= error;
    }
    return {
      status: turn.status,
      type: "application/json",
      body: JSON.stringify(turn.answer),
      retryAfter: null,
    };
  };

  async step(step: Step): Promise<void> {
    if ("sync" in step) await this.sync(step.sync);
    else if (this.replica === undefined) throw new Error("a conversation begins with a sync");
    else if ("act" in step)
      this.ids.set(await this.replica.act(step.drafts.map((d) => this.draft(d))), step.act);
    else if ("of" in step) this.forms.set(step.form, this.replica.form(step.of));
    else if ("shown" in step) assert.deepEqual(this.shown(this.replica, step.shown), step.data);
    else
      assert.deepEqual(
        this.replica.parked().map(({ id }) => this.ids.get(id)),
        step.parked,
      );
  }

  private async sync(turns: Turn[]): Promise<void> {
    this.turns = [...turns];
    if (this.replica) await synced(this.replica);
    else this.replica = (await openPhone(new Outside(), { fetch: this.fetch } as unknown as Shop)).replica;
    await synced(this.replica);
    if (this.wrong) throw this.wrong;
    assert.deepEqual(this.turns, [], "turns that were not taken");
  }

  private draft({ form, ...draft }: Draft & { form?: string }): Draft {
    const opened = form === undefined ? undefined : this.forms.get(form);
    return opened ? ({ ...draft, form: opened } as Draft) : (draft as Draft);
  }

  private shown(replica: Replica, id: string): Json | null {
    const found = ["work_order", "note"].map((collection) => replica.get(collection, id)).find(Boolean);
    return found?.data ?? null;
  }

  private compare(asked: Json, wanted: Turn["request"]): void {
    for (const [name, value] of Object.entries(wanted)) {
      if (name === "changesets") this.compareChangesets(asked, value as Changeset[]);
      else assert.deepEqual(asked[name], value, name);
    }
  }

  private compareChangesets(asked: Json, wanted: Changeset[]): void {
    const sent = (asked.changesets as Changeset[]).map((changeset, place) => {
      const { n, id, ops, was } = changeset;
      const told: Changeset = { n, ops: ops.map((op) => plain(op, asked.replica as string)) };
      if (was) told.was = was;
      if (wanted[place]?.id) told.id = this.ids.get(id ?? "") ?? id ?? "";
      return told;
    });
    assert.deepEqual(sent, wanted);
  }
}

/** An op as it travels; of a delete's base the own entry may be there or not (V14). */
function plain(op: Changeset["ops"][number], replica: string): Changeset["ops"][number] {
  if (op.op !== "delete") return op;
  return { ...op, base: Object.fromEntries(Object.entries(op.base).filter(([name]) => name !== replica)) };
}

const { cases } = JSON.parse(readFileSync(`${WORKBAY_ROOT}/tests/vectors/conversations.json`, "utf8")) as {
  cases: Case[];
};

for (const { name, rules, steps } of cases) {
  test(`${rules.join(" ")} conversation: ${name}`, async () => {
    const talk = new Talk();
    for (const step of steps) await talk.step(step);
  });
}
