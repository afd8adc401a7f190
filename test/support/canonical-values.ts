/** Values as a query of ours shows them (DuckDB's JSON forms), spelled as tools/judges/canonical.py spells them. */
import { isLandfallError } from "../../src/base/landfall-error.ts";
import { asciiJson } from "../../tools/judges/ascii-json.ts";
import type { CanonicalRow } from "./canonical-rows.ts";

export interface NamedType {
  readonly name: string;
  /** A type of Delta's schema JSON. */
  readonly type: unknown;
}

interface Nested {
  readonly type: string;
  readonly fields?: readonly NamedType[];
  readonly elementType?: unknown;
  readonly valueType?: unknown;
  readonly keyType?: unknown;
}

/** Rows whose values stand in the order of the fields. */
export function canonicalRowsOf(
  rows: readonly (readonly unknown[])[],
  fields: readonly NamedType[],
): CanonicalRow[] {
  return rows.map((row) =>
    Object.fromEntries(fields.map(({ name, type }, at) => [name, canonicalOf(row[at], type)])),
  );
}

function canonicalOf(value: unknown, type: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof type === "object" && type !== null) return nestedOf(value, type as Nested);
  if (type === "float" || type === "double") return value;
  if (type === "boolean") return value;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  switch (type) {
    case "binary":
      return hexOf(text);
    case "timestamp":
      return `${microseconds(text.replace(/\+00$/, ""))}Z`;
    case "timestamp_ntz":
      return microseconds(text);
    case "variant":
      // Equal documents, however spaced.
      return JSON.stringify(JSON.parse(text));
    default:
      return typeof type === "string" && type.startsWith("decimal") && text.includes(".")
        ? text.replace(/\.?0+$/, "")
        : text;
  }
}

function nestedOf(value: unknown, type: Nested): unknown {
  if (type.type === "struct") {
    const held = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      (type.fields ?? []).map((field) => [field.name, canonicalOf(held[field.name], field.type)]),
    );
  }
  if (type.type === "array")
    return (value as readonly unknown[]).map((item) => canonicalOf(item, type.elementType));
  return (value as readonly { readonly key: unknown; readonly value: unknown }[])
    .map((entry) => [canonicalOf(entry.key, type.keyType), canonicalOf(entry.value, type.valueType)])
    .map((pair) => ({ pair, key: asciiJson(pair) }))
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ pair }) => pair);
}

/** Of DuckDB's text of a blob: printable bytes as they are, others as `\xFF`. */
function hexOf(text: string): string {
  return text.replace(/\\x([0-9A-Fa-f]{2})|[^]/g, (unit, hex: string | undefined) =>
    (hex ?? unit.charCodeAt(0).toString(16).padStart(2, "0")).toLowerCase(),
  );
}

function microseconds(text: string): string {
  const [seconds, fraction = ""] = text.replace(" ", "T").split(".");
  return `${seconds}.${fraction.padEnd(6, "0")}`;
}

/** Why a read was refused by the name of something that we do not read; undefined for any other error. */
export function refusalOf(error: unknown): string | undefined {
  return isLandfallError(error, "TABLE_FEATURE_UNSUPPORTED") ? error.message : undefined;
}

/** Names and types alone: metadata of fields is the writer's, and Spark shows none of Delta's own. */
export function namedTypes(fields: readonly NamedType[]): NamedType[] {
  return fields.map(({ name, type }) => ({ name, type: withoutMetadata(type) }));
}

function withoutMetadata(type: unknown): unknown {
  if (Array.isArray(type)) return type.map(withoutMetadata);
  if (typeof type !== "object" || type === null) return type;
  return Object.fromEntries(
    Object.entries(type)
      .filter(([key]) => key !== "metadata")
      .map(([key, value]) => [key, withoutMetadata(value)]),
  );
}
