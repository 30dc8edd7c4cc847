/** What the core must know of the collections: enough to lay edits over records and to find children. */

export type Policy = "latest" | "steps" | "keep_both" | "text" | "elements" | "greatest" | "first" | "server";

export interface FieldSpec {
  /** An instant that a phone's clock measured: the server sets it right. */
  measured?: boolean;
  readonly type: "text" | "integer" | "flag" | "instant" | "date" | "ref" | "choice" | "set" | "json";
  readonly policy: Policy;
  readonly ref?: string;
  readonly choices?: readonly string[];
  /** Fields of one group are written whole and merge as one. */
  readonly group?: string;
}

export interface CollectionSpec {
  /** Reference fields, most telling first, by which a record hangs on another. */
  readonly parents: readonly string[];
  /** Records are only added, never changed nor deleted. */
  readonly appendOnly?: boolean;
  /** role → letters of r c u d, those after a slash for one's own records. */
  readonly rights?: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldSpec>>;
}

export type Collections = Readonly<Record<string, CollectionSpec>>;

/** The name under which a field merges: its group's, else its own. */
export function unitOf(spec: CollectionSpec | undefined, field: string): string {
  return spec?.fields[field]?.group ?? field;
}

export function isElements(spec: CollectionSpec | undefined, field: string): boolean {
  return spec?.fields[field]?.policy === "elements";
}

/** Whether this role may delete what it has just made here; where no rights are told, what is not only appended. */
export function mayDelete(spec: CollectionSpec, role: string): boolean {
  if (spec.appendOnly) return false;
  return spec.rights === undefined || (spec.rights[role] ?? "").includes("d");
}
