"""The collections as TypeScript: a table the app reads while it runs, and an interface for each collection.

The table leaves out what is usual (nobody hidden from, no group, seen by no customer), since every phone loads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from server.work.steps import Steps
from sync.collection import Collection, Field, Shown, Type

HEAD = """\
/**
 * What a shop's records are made of, who may do what with them, and how their fields merge.
 *
 * Written by scripts/generate from the declarations in server/; do not edit.
 */

export type FieldType = "text" | "integer" | "flag" | "instant" | "date" | "ref" | "choice" | "set" | "json";
export type Policy =
  | "latest" | "steps" | "keep_both" | "text" | "elements" | "greatest" | "first" | "server";

/** A field. Roles in `hidden_from` never receive it; those in `not_by` read it and may only set it at creation. */
export interface FieldSpec {
  type: FieldType;
  policy: Policy;
  /** Fields of one group are set together and merge together. */
  group?: string;
  ref?: string;
  choices?: string[];
  /** status → those that may follow it, whoever takes the step. */
  steps?: Record<string, string[]>;
  default?: unknown;
  /** When the customer concerned sees it; absent: never. */
  customer?: "always" | "prices" | "names";
  hidden_from?: string[];
  not_by?: string[];
  /** An instant measured by a phone's clock; the server sets it right. */
  measured?: boolean;
  personal?: boolean;
  size_max?: number;
}

/** A kind of record. `rights`: role → letters of r c u d; those after a slash hold for one's own records. */
export interface CollectionSpec {
  fields: Record<string, FieldSpec>;
  rights: Record<string, string>;
  /** The references a record hangs on; the first that is set decides. */
  parents: string[];
  required: string[];
  /** role → the only fields it may change. */
  only?: Record<string, string[]>;
  /** The field that names whose record this is; absent: whoever made it. */
  own?: string;
}

/** Steps from each of `from` to each of `to` (never to itself), for those named, when the needs are met. */
export interface Steps {
  from: string[];
  to: string[];
  who: string[];
  needs: string[];
}
"""

PLAIN = {
    Type.TEXT: "string",
    Type.INTEGER: "number",
    Type.FLAG: "boolean",
    Type.INSTANT: "number",
    Type.DATE: "string",
    Type.REF: "string",
    Type.SET: "string[]",
    Type.JSON: "unknown",
}
TEXT_MAX_USUAL = Field.__dataclass_fields__["size_max"].default


def typescript(
    collections: Mapping[str, Collection], schema: int, steps: Mapping[str, Iterable[Steps]]
) -> str:
    """The whole of pwa/src/collections.gen.ts."""
    return "\n".join(
        [
            HEAD,
            f"export const SCHEMA = {schema};",
            "",
            *_names(collections),
            "",
            *_table(collections),
            "",
            *_steps(steps),
            *(line for collection in collections.values() for line in ("", *_interface(collection))),
            "",
            *_records(collections),
            "",
        ]
    )


def _names(collections: Mapping[str, Collection]) -> list[str]:
    return ["export type CollectionName =", *(f"  | {_text(name)}" for name in collections), ";"]


def _table(collections: Mapping[str, Collection]) -> list[str]:
    lines = ["export const COLLECTIONS: Record<CollectionName, CollectionSpec> = {"]
    for collection in collections.values():
        lines.append(f"  {collection.name}: {{")
        lines.append("    fields: {")
        lines.extend(f"      {f.name}: {_object(field_spec(f))}," for f in collection.fields)
        lines.append("    },")
        lines.extend(f"    {key}: {_object(value)}," for key, value in _about(collection).items())
        lines.append("  },")
    return [*lines, "};"]


def field_spec(f: Field) -> dict[str, Any]:
    """What the app has to know of a field; what is usual is left out."""
    spec: dict[str, Any] = {"type": f.type.value, "policy": f.policy.value}
    usual: tuple[tuple[str, Any, Any], ...] = (
        ("group", f.group, None),
        ("ref", f.ref, None),
        ("choices", list(f.choices), []),
        ("steps", {k: [c for c in f.choices if c in v] for k, v in (f.steps or {}).items()}, {}),
        ("default", f.default, None),
        ("customer", f.customer.value, Shown.NEVER.value),
        ("hidden_from", sorted(f.hidden_from), []),
        ("not_by", sorted(f.not_by), []),
        ("measured", f.measured, False),
        ("personal", f.personal, False),
        ("size_max", f.size_max, TEXT_MAX_USUAL),
    )
    return spec | {key: value for key, value, absent in usual if value != absent}


def _about(collection: Collection) -> dict[str, Any]:
    about: dict[str, Any] = {
        "rights": dict(collection.rights),
        "parents": list(collection.parents),
        "required": list(collection.required),
    }
    if collection.only:
        about["only"] = {role: sorted(names) for role, names in collection.only.items()}
    if collection.own:
        about["own"] = collection.own
    return about


def _steps(steps: Mapping[str, Iterable[Steps]]) -> list[str]:
    lines = ["/** collection.field → its steps, with who may take them and what they need. */"]
    lines.append("export const STEPS: Record<string, Steps[]> = {")
    for name, rows in steps.items():
        lines.append(f"  {_text(name)}: [")
        for row in rows:
            spec = {"from": row.origins, "to": row.targets, "who": row.who, "needs": row.needs}
            lines.append(f"    {_object(spec)},")
        lines.append("  ],")
    return [*lines, "};"]


def _interface(collection: Collection) -> list[str]:
    lines = [f"export interface {camel(collection.name)} {{"]
    lines.extend(f"  {f.name}?: {_type(f)};" for f in collection.fields)
    return [*lines, "}"]


def _records(collections: Mapping[str, Collection]) -> list[str]:
    lines = ["/** collection → the shape of its `data`. */", "export interface Records {"]
    return [*lines, *(f"  {name}: {camel(name)};" for name in collections), "}"]


def _type(f: Field) -> str:
    if f.type is Type.CHOICE:
        return " | ".join([*map(_text, f.choices), "null"])
    return PLAIN[f.type] if f.type in (Type.SET, Type.JSON) else f"{PLAIN[f.type]} | null"


def camel(name: str) -> str:
    """`work_order` as `WorkOrder`."""
    return "".join(word.capitalize() for word in name.split("_"))


def _object(value: Any) -> str:
    """JSON with bare keys, as biome and people write it."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key}: {_object(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_object, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
