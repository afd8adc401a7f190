/** Rows of canonical values (tools/judges/canonical.py), brought into one order so that `deepEqual` compares them as bags. */

export type CanonicalRow = Readonly<Record<string, unknown>>;

/** The rows sorted by their JSON, keys sorted within it. */
export function sortRows<Row extends CanonicalRow>(rows: readonly Row[]): Row[] {
  return rows
    .map((row) => ({ row, key: JSON.stringify(row, sortedKeys) }))
    .sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
    .map(({ row }) => row);
}

/**
 * The rows as chdb can show them: ClickHouse has no null array, map or struct; they read as `[]`, `[]` and a struct of
 * nulls. `types` are the Delta types of the columns. Apply to both sides before a comparison with chdb.
 */
export function withoutNestedNulls(
  rows: readonly CanonicalRow[],
  types: Readonly<Record<string, unknown>>,
): CanonicalRow[] {
  return sortRows(
    rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, fillNested(value, types[name])])),
    ),
  );
}

interface NestedType {
  readonly type: string;
  readonly fields?: readonly { readonly name: string; readonly type: unknown }[];
  readonly elementType?: unknown;
  readonly valueType?: unknown;
}

function fillNested(value: unknown, type: unknown): unknown {
  if (typeof type !== "object" || type === null) return value;
  const nested = type as NestedType;
  if (nested.type === "array")
    return ((value ?? []) as readonly unknown[]).map((element) => fillNested(element, nested.elementType));
  if (nested.type === "map")
    return ((value ?? []) as readonly (readonly [unknown, unknown])[]).map(([key, item]) => [
      key,
      fillNested(item, nested.valueType),
    ]);
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    (nested.fields ?? []).map((field) => [field.name, fillNested(fields[field.name] ?? null, field.type)]),
  );
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
