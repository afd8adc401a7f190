import type { DataType, StructType } from "./data-type.ts";
import { ELEMENT, KEY, VALUE, type KeyPath } from "./key-path.ts";
import { sourceNameOf } from "./source-name.ts";
import type { ColumnWidening } from "./widen-columns.ts";
import { joinNumbers, typeForNumbers, type NumbersSeen } from "./wider-type.ts";

/**
 * The columns of a table that get a wider type for numbers that do not fit them. Only what the table has: a column that is new with these rows
 * has the type that was inferred or stated for it. Pure.
 *
 * @param options.numbers by the keys of the data; several for one path are taken together
 * @param options.fixed columns that keep their types, by names from the top in any case of letters
 */
export function widenForNumbers(options: {
  readonly table: StructType;
  readonly numbers: readonly (NumbersSeen & { readonly path: KeyPath })[];
  readonly fixed: readonly (readonly string[])[];
  readonly prefersDecimal: boolean;
}): ColumnWidening[] {
  const { table, numbers, fixed, prefersDecimal } = options;
  const byPath = Map.groupBy(numbers, ({ path }) => JSON.stringify(path));
  return [...byPath.values()].flatMap((seen): ColumnWidening[] => {
    const key = seen[0]!.path;
    const column = columnOf(table, key);
    if (column === undefined || typeof column.type !== "string" || isFixed(column.path, fixed)) return [];
    const { path, type: from } = column;
    const to = typeForNumbers(from, seen.reduce<NumbersSeen>(joinNumbers, seen[0]!), { prefersDecimal });
    return to === undefined ? [] : [{ path, key, from, to }];
  });
}

/** True for a column, or a part of one, that keeps its type. */
export function isFixed(path: KeyPath, fixed: readonly (readonly string[])[]): boolean {
  const names = path.map((part) => (typeof part === "string" ? part.toLowerCase() : part));
  return fixed.some(
    (other) => other.length === names.length && other.every((name, i) => name.toLowerCase() === names[i]),
  );
}

interface ColumnOfKey {
  readonly path: KeyPath;
  readonly type: DataType;
}

/** What holds the values of a key of the data; undefined for none. */
function columnOf(table: StructType, key: KeyPath): ColumnOfKey | undefined {
  let found: ColumnOfKey | undefined = { path: [], type: table };
  for (const part of key) {
    if (found === undefined || typeof found.type === "string") return undefined;
    found = within(found.path, found.type, part);
  }
  return found;
}

function within(
  path: KeyPath,
  type: Exclude<DataType, string>,
  part: KeyPath[number],
): ColumnOfKey | undefined {
  if (type.type === "struct") {
    const field = type.fields.find((one) => sourceNameOf(one) === part);
    return field && { path: [...path, field.name], type: field.type };
  }
  if (type.type === "array")
    return part === ELEMENT ? { path: [...path, ELEMENT], type: type.elementType } : undefined;
  if (part === KEY) return { path: [...path, KEY], type: type.keyType };
  return part === VALUE ? { path: [...path, VALUE], type: type.valueType } : undefined;
}
