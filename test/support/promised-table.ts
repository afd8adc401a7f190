/** A version of a table, held against the input files that it was made of, as Python alone reads them: rows and types of columns. */
import assert from "node:assert/strict";
import { assertSameRows } from "./inputs-as-table.ts";
import type { Judge, JudgeRows } from "./judge.ts";

/** Input files behind a table, and when they were taken. */
export interface PromisedTable {
  readonly table: string;
  readonly format: "json" | "csv" | "parquet";
  /** A version for each batch, oldest first, with the files that it added. */
  readonly steps: readonly { readonly version: number; readonly added: readonly string[] }[];
  /** Types of columns that were given, by dotted path, in Delta's words. */
  readonly hints?: Readonly<Record<string, string>>;
  /** Keys whose column, at any depth, has another name. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** The column for the text of records that cannot be read. */
  readonly corruptColumn?: string;
  /** Columns that no key of the data fills, or that are filled otherwise; by tools/judges/filled_columns.py. */
  readonly filled?: readonly FilledColumn[];
}

export interface FilledColumn {
  readonly column: string;
  readonly is: string;
  /** The key that it is computed from, and the zone in which. */
  readonly of?: string;
  readonly timeZone?: string;
  /** In Delta's words. */
  readonly type: string;
}

const RESCUED = "_rescued_data";

/** Fails unless a judge's reading of the version of step `at` has exactly the rows and columns of the files taken until then. */
export async function assertPromised(options: {
  readonly made: PromisedTable;
  readonly at: number;
  readonly read: JudgeRows;
  /** The judge of input files. */
  readonly inputs: Judge;
}): Promise<void> {
  const { made, at, read, inputs } = options;
  const { format, renamed = {}, hints = {}, corruptColumn, filled = [] } = made;
  const steps = made.steps.slice(0, at + 1).map(({ added }) => added);
  const expected = await inputs.request({
    op: "read",
    files: steps.flat(),
    format,
    tagged: true,
    filled,
    ...(corruptColumn === undefined ? {} : { corruptColumn }),
  });
  assertSameRows({ inputs: expected.rows, table: read.rows, renamed, emptyIsNull: format === "csv" });
  const types = await inputs.request<{ readonly steps: readonly Record<string, unknown>[] }>({
    op: "types",
    steps,
    format,
    hints,
  });
  const found = Object.fromEntries(read.schema.map(({ name, type }) => [name, plainType(type)]));
  assert.deepEqual(found, {
    ...(withNames(types.steps.at(-1), renamed) as object),
    ...Object.fromEntries(filled.map(({ column, type }) => [column, type])),
    ...(corruptColumn === undefined ? {} : { [corruptColumn]: "string" }),
    [RESCUED]: "string",
  });
}

interface DeltaType {
  readonly type: string;
  readonly fields?: readonly { readonly name: string; readonly type: unknown }[];
  readonly elementType?: unknown;
  readonly keyType?: unknown;
  readonly valueType?: unknown;
}

/** A type of Delta's schema JSON in the words of tools/judges/promised_types.py. */
function plainType(type: unknown): unknown {
  if (typeof type === "string") return type;
  const nested = type as DeltaType;
  if (nested.type === "array") return { array: plainType(nested.elementType) };
  if (nested.type === "map") return { map: [plainType(nested.keyType), plainType(nested.valueType)] };
  return { struct: Object.fromEntries((nested.fields ?? []).map((one) => [one.name, plainType(one.type)])) };
}

function withNames(type: unknown, renamed: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(type)) return type.map((part) => withNames(part, renamed));
  if (typeof type !== "object" || type === null) return type;
  return Object.fromEntries(
    Object.entries(type).map(([name, inner]) => [renamed[name] ?? name, withNames(inner, renamed)]),
  );
}
