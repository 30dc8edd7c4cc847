/**
 * What the screens read: every record as it is shown, found by id, by collection and by parent.
 *
 * A record is computed again only when it changes, so lists stay the same objects between changes and a screen may
 * compare them by identity.
 */

import type { Layer } from "./overlay";
import { show } from "./overlay";
import type { Collections } from "./schema";
import type { Held, Shown } from "./types";

const NONE: Shown[] = [];

export class View {
  private readonly shown = new Map<string, Shown>();
  private readonly byCollection = new Map<string, Map<string, Shown>>();
  private readonly byParent = new Map<string, Map<string, Map<string, Shown>>>();
  private readonly lists = new Map<Map<string, Shown>, Shown[]>();

  constructor(
    private readonly collections: Collections,
    private readonly held: (id: string) => Held | undefined,
    private readonly layers: (id: string) => readonly Layer[],
  ) {}

  get(collection: string, id: string): Shown | undefined {
    const found = this.shown.get(id);
    return found?.collection === collection ? found : undefined;
  }

  collectionOf(id: string): string | undefined {
    return this.shown.get(id)?.collection;
  }

  all(collection: string): Shown[] {
    return this.listOf(this.byCollection.get(collection));
  }

  children(parentId: string, collection: string): Shown[] {
    return this.listOf(this.byParent.get(parentId)?.get(collection));
  }

  /** Computes the record again; says which ids a screen may have to draw anew: its own and its parents'. */
  refresh(id: string, changed: Set<string>): void {
    const before = this.shown.get(id);
    const held = this.held(id);
    const layers = this.layers(id);
    const spec = this.collections[before?.collection ?? held?.collection ?? layers[0]?.op.collection ?? ""];
    const after = show(held, layers, spec);
    if (before) this.takeOut(before);
    if (after) this.putIn(after);
    changed.add(id);
    for (const shown of [before, after])
      if (shown) for (const parent of this.parentsOf(shown)) changed.add(parent);
  }

  private putIn(shown: Shown): void {
    this.shown.set(shown.id, shown);
    this.put(under(this.byCollection, shown.collection), shown);
    for (const parent of this.parentsOf(shown)) {
      this.put(under(under(this.byParent, parent), shown.collection), shown);
    }
  }

  private takeOut(shown: Shown): void {
    this.shown.delete(shown.id);
    this.drop(this.byCollection.get(shown.collection), shown.id);
    for (const parent of this.parentsOf(shown))
      this.drop(this.byParent.get(parent)?.get(shown.collection), shown.id);
  }

  private put(among: Map<string, Shown>, shown: Shown): void {
    among.set(shown.id, shown);
    this.lists.delete(among);
  }

  private drop(among: Map<string, Shown> | undefined, id: string): void {
    if (among?.delete(id)) this.lists.delete(among);
  }

  private listOf(among: Map<string, Shown> | undefined): Shown[] {
    if (among === undefined) return NONE;
    const list = this.lists.get(among) ?? [...among.values()];
    this.lists.set(among, list);
    return list;
  }

  private parentsOf(shown: Shown): string[] {
    const parents = this.collections[shown.collection]?.parents ?? [];
    return parents.map((field) => shown.data[field]).filter((id): id is string => typeof id === "string");
  }
}

function under<K, L, V>(map: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const found = map.get(key) ?? new Map<L, V>();
  map.set(key, found);
  return found;
}
