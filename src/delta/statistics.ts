/**
 * `add.stats` from the engine's own statistics of a file that it wrote (PROTOCOL.md, "Per-file Statistics"). A bound that cannot be
 * stated truthfully is left out: readers then look into the file.
 */
import { stringifyJson } from "../base/lossless-json.ts";
import { decimalOf, type DataType, type StructType } from "../schema/data-type.ts";
import type { ColumnMapping } from "../schema/physical-column.ts";
import { indexedColumns } from "./indexed-columns.ts";
import { parseInstantText } from "./instant-text.ts";
import { rawJson } from "./raw-json.ts";
import { truncatedMax, truncatedMin } from "./string-bounds.ts";

/** What the engine tells of one leaf column, in the text forms of DuckDB's COPY … RETURN_STATS. */
export interface ColumnStatistics {
  /** Segments of the column's path in the file, from the top-level column to the leaf. */
  readonly path: readonly string[];
  readonly min?: string;
  readonly max?: string;
  readonly nullCount?: number;
  /** Floating-point columns: whether a NaN is among the values. */
  readonly hasNan?: boolean;
}

export interface StatisticsOptions {
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  /** The table's; `delta.dataSkippingNumIndexedCols` and `delta.dataSkippingStatsColumns` are honoured. */
  readonly configuration: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly columnMapping?: ColumnMapping | undefined;
  /** Rows in the file. */
  readonly numRecords: number;
  readonly columns: readonly ColumnStatistics[];
}

/** The JSON text for `add.stats`. Statistics of columns that the schema does not have are ignored. */
export function statisticsJson(options: StatisticsOptions): string {
  const given = new Map(options.columns.map((column) => [pathKey(column.path), column]));
  const stats = { minValues: emptyNode(), maxValues: emptyNode(), nullCount: emptyNode() };
  for (const leaf of indexedColumns(options)) {
    const column = given.get(pathKey(leaf.physicalPath));
    if (column === undefined) continue;
    const { min, max } = boundsOf(leaf.type, column);
    if (min !== undefined) place(stats.minValues, leaf.physicalPath, min);
    if (max !== undefined) place(stats.maxValues, leaf.physicalPath, max);
    if (column.nullCount !== undefined) place(stats.nullCount, leaf.physicalPath, column.nullCount);
  }
  return stringifyJson({ numRecords: options.numRecords, ...stats });
}

interface Bounds {
  readonly min?: unknown;
  readonly max?: unknown;
}

function boundsOf(type: DataType, column: ColumnStatistics): Bounds {
  const { min, max } = column;
  switch (type) {
    case "byte":
    case "short":
    case "integer":
    case "long":
      return { min: numberText(min, /^-?[0-9]+$/), max: numberText(max, /^-?[0-9]+$/) };
    case "float":
    case "double":
      return floatingBounds(column);
    case "string":
      return {
        min: min === undefined ? undefined : truncatedMin(min),
        max: max === undefined ? undefined : truncatedMax(max),
      };
    case "date":
      return { min: dateText(min), max: dateText(max) };
    case "timestamp":
    case "timestamp_ntz":
      return { min: timestampText(type, min), max: timestampText(type, max) };
    case "boolean":
    case "binary":
    case "variant":
    case "void":
      // Null counts only, as in Spark.
      return {};
    default: {
      if (decimalOf(type) === undefined) return {};
      const form = /^-?[0-9]+(?:\.[0-9]+)?$/;
      return { min: numberText(min, form), max: numberText(max, form) };
    }
  }
}

function numberText(text: string | undefined, form: RegExp): unknown {
  // JSON has no leading zeros.
  if (text === undefined || !form.test(text)) return undefined;
  return rawJson(text.replace(/^(-?)0+(?=[0-9])/, "$1"));
}

/**
 * NaN sorts above all numbers in Spark and stands in no bound, so a column with one has no maximum. Infinities are no JSON
 * numbers. A zero may have been of either sign: -0.0 below and 0.0 above hold in any order of the two.
 */
function floatingBounds(column: ColumnStatistics): Bounds {
  const form = /^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
  const bound = (text: string | undefined, zero: string): unknown => {
    if (text === undefined || !form.test(text)) return undefined;
    return Number(text) === 0 && /^[-0.]+(?:[eE].*)?$/.test(text) ? rawJson(zero) : numberText(text, form);
  };
  const min = bound(column.min, "-0.0");
  return column.hasNan === true ? { min } : { min, max: bound(column.max, "0.0") };
}

function dateText(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? text : undefined;
}

/** Cut down to milliseconds, the maximum too: readers add one before they compare (Delta Spark, getAdjustedTimestamp). */
function timestampText(type: "timestamp" | "timestamp_ntz", text: string | undefined): string | undefined {
  const instant = text === undefined ? undefined : parseInstantText(text);
  if (instant === undefined) return undefined;
  return `${instant.day}T${instant.time}.${instant.micros.slice(0, 3)}${type === "timestamp" ? "Z" : ""}`;
}

type Node = { [name: string]: unknown };

/** Without a prototype, since a column may be named `__proto__`. */
function emptyNode(): Node {
  return Object.create(null) as Node;
}

function place(root: Node, path: readonly string[], value: unknown): void {
  let node = root;
  for (const segment of path.slice(0, -1)) node = (node[segment] ??= emptyNode()) as Node;
  node[path.at(-1)!] = value;
}

function pathKey(path: readonly string[]): string {
  return JSON.stringify(path);
}
