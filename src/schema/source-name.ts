/**
 * Keys of data and names of columns. Spark refuses some characters in names, so such a key becomes a column with `_` in their
 * place; the original stands in the column's comment for people and in `landfall.sourceName` for us.
 */
import type { DataType, StructField, StructType } from "./data-type.ts";

/** Field metadata that holds the key of the data where it is not the column's name. */
export const SOURCE_NAME = "landfall.sourceName";

/** What Delta refuses in names without column mapping, and control characters. */
const REFUSED = /[ ,;{}()=\u0000-\u001f\u007f]/g;

/** The key of the data that a column holds. */
export function sourceNameOf(field: StructField): string {
  const name = field.metadata[SOURCE_NAME];
  return typeof name === "string" ? name : field.name;
}

/** A table's schema in the keys of its data: what the scanner and the reader are given. */
export function inSourceNames<T extends DataType>(type: T): T {
  return renamed(type, (fields) => fields.map((field) => ({ ...field, name: sourceNameOf(field) })));
}

/**
 * A schema inferred in keys, in names that Spark takes. Names made equal by that, and only those, get a number.
 * `known` is the table's schema: its columns keep their names.
 */
export function inColumnNames(options: {
  readonly schema: StructType;
  readonly known?: StructType | undefined;
  /** Names that no column may take, whatever the case. */
  readonly reserved?: readonly string[];
}): {
  readonly schema: StructType;
  readonly renamed: readonly { readonly key: string; readonly column: string }[];
} {
  const changes: { key: string; column: string }[] = [];
  const schema = structInColumnNames(options.schema, options.known, options.reserved ?? [], changes);
  return { schema, renamed: changes };
}

function structInColumnNames(
  type: StructType,
  known: StructType | undefined,
  reserved: readonly string[],
  changes: { key: string; column: string }[],
): StructType {
  const standing = new Map((known?.fields ?? []).map((field) => [sourceNameOf(field), field]));
  const taken = new Set(
    [...reserved, ...(known?.fields ?? []).map((field) => field.name)].map((name) => name.toLowerCase()),
  );
  // Keys that are names already come first: only the others give way.
  for (const field of type.fields) if (isColumnName(field.name)) taken.add(field.name.toLowerCase());
  const fields = type.fields.map((field): StructField => {
    const same = standing.get(field.name);
    const inner = (): DataType => typeInColumnNames(field.type, same?.type, changes);
    if (same !== undefined) return { ...same, type: inner() };
    if (isColumnName(field.name)) return { ...field, type: inner() };
    const column = freeName(field.name.replace(REFUSED, "_"), taken);
    changes.push({ key: field.name, column });
    const comment = `source key: ${JSON.stringify(field.name)}`;
    return {
      ...field,
      name: column,
      type: inner(),
      metadata: { ...field.metadata, comment, [SOURCE_NAME]: field.name },
    };
  });
  return { type: "struct", fields };
}

function typeInColumnNames(
  type: DataType,
  known: DataType | undefined,
  changes: { key: string; column: string }[],
): DataType {
  if (typeof type === "string") return type;
  const same = typeof known === "object" && known.type === type.type ? known : undefined;
  switch (type.type) {
    case "struct":
      return structInColumnNames(type, same as StructType | undefined, [], changes);
    case "array": {
      const element = same?.type === "array" ? same.elementType : undefined;
      return { ...type, elementType: typeInColumnNames(type.elementType, element, changes) };
    }
    case "map":
      return type;
  }
}

/** The name, with a number where it is among those taken (in lower case); it is taken afterwards. */
export function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let i = 1; taken.has(name.toLowerCase()); i++) name = `${wanted}_${i}`;
  taken.add(name.toLowerCase());
  return name;
}

/** True for a key that can be a column's name as it stands. */
export function isColumnName(key: string): boolean {
  return key !== "" && key.search(REFUSED) === -1;
}

function renamed<T extends DataType>(
  type: T,
  rename: (fields: readonly StructField[]) => readonly StructField[],
): T {
  const walk = (inner: DataType): DataType => {
    if (typeof inner === "string") return inner;
    if (inner.type === "array") return { ...inner, elementType: walk(inner.elementType) };
    if (inner.type === "map")
      return { ...inner, keyType: walk(inner.keyType), valueType: walk(inner.valueType) };
    return {
      type: "struct",
      fields: rename(inner.fields).map((field) => ({ ...field, type: walk(field.type) })),
    };
  };
  return walk(type) as T;
}
