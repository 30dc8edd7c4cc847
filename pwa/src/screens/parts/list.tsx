/** Parts: everything the shop keeps, with what is short first in sight. Works the same with and without a network. */
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { Empty } from "../../ui/empty";
import { Icon } from "../../ui/icons";
import { go, query } from "../../ui/router";
import { SearchBox } from "../../ui/searchbox";
import { records } from "../live";
import { may } from "../rights";
import { NewPartSheet } from "./newpart";
import { PartRow } from "./row";
import { partsInUse, stockOf } from "./shelf";
import { isShort, levelOf, searchParts } from "./stock";

type Filter = "all" | "short" | "below_zero" | "inactive";

const wanted = signal("");
const filter = signal<Filter>("all");
const SHOWN_MAX = 200;

const EMPTY: Record<Filter, [title: string, help: string]> = {
  all: [
    "No parts yet",
    "A part has a name, a number, a bin, and as many barcodes as there are makers of it.",
  ],
  short: ["Nothing is short", "A part shows here when it reaches the level at which the shop orders."],
  below_zero: ["Nothing is below zero", "A part shows here when more was used than the books knew of."],
  inactive: ["Nothing was put away", "Parts that are no longer kept show here."],
};

export function PartsScreen() {
  const [adding, add] = useState(false);
  useEffect(() => {
    if (new URLSearchParams(query.value).get("show") !== "short") return;
    filter.value = "short";
    wanted.value = "";
    go("/parts", "replace");
  }, [query.value]);
  const parts = partsInUse();
  const sets: Record<Filter, Shown[]> = {
    all: parts,
    short: parts.filter((one) => isShort(one, stockOf(one))),
    below_zero: parts.filter((one) => levelOf(one, stockOf(one)) === "below_zero"),
    inactive: records("part").filter((one) => one.data.active === false),
  };
  const words = wanted.value.trim();
  const found = searchParts(words ? parts : sets[filter.value], words);
  const [title, help] = words
    ? [
        `No part for “${words}”`,
        "The search looks through name, number, bin and barcodes. Fewer words find more.",
      ]
    : EMPTY[filter.value];
  return (
    <div class="parts stack">
      <div class="row">
        <h1 class="grow">Parts</h1>
        {may("c", "part") && (
          <button type="button" class="button tinted" onClick={() => add(true)}>
            <Icon name="plus" /> New part
          </button>
        )}
      </div>
      <SearchBox
        label="Search parts"
        placeholder="Name, number, bin, code…"
        value={wanted.value}
        onInput={(typed) => (wanted.value = typed)}
      />
      {!words && <Filters sets={sets} />}
      <p class="hidden-label" role="status">
        {found.length} found
      </p>
      {found.length > 0 ? (
        <div class="part-list card">
          {found.slice(0, SHOWN_MAX).map((one) => (
            <PartRow key={one.id} part={one} />
          ))}
        </div>
      ) : (
        <Empty icon={words ? "search" : "box"} title={title}>
          {help}
        </Empty>
      )}
      {found.length > SHOWN_MAX && (
        <p class="soft mid">Search to see the other {found.length - SHOWN_MAX}.</p>
      )}
      {adding && <NewPartSheet onClose={() => add(false)} />}
    </div>
  );
}

function Filters({ sets }: { sets: Record<Filter, Shown[]> }) {
  const chips: [Filter, string][] = [
    ["all", "All"],
    ["short", "Short"],
    ["below_zero", "Below zero"],
    ["inactive", "Put away"],
  ];
  return (
    <fieldset class="chips" aria-label="Show">
      {chips
        .filter(([by]) => by !== "inactive" || sets.inactive.length > 0)
        .map(([by, label]) => (
          <button
            key={by}
            type="button"
            class="chip"
            aria-pressed={filter.value === by ? "true" : "false"}
            onClick={() => (filter.value = by)}
          >
            {label} <span class="count">{sets[by].length}</span>
          </button>
        ))}
    </fieldset>
  );
}
