/**
 * Whether what an add states of its rows is true of them (PROTOCOL.md, "Per-file Statistics"). Bounds are judged as readers take them: a
 * maximum that was cut to milliseconds holds to the last microsecond of those. What is not stated is never wrong.
 */
import { isJsonObject } from "../../base/lossless-json.ts";
import type { AddFile } from "../../delta/actions.ts";
import { factsOfAdd } from "../../delta/prune/column-facts.ts";
import { compareKnown, knownValue, type KnownValue } from "../../delta/prune/known-value.ts";
import { recordsOf, statsOf } from "../../delta/stated-statistics.ts";
import type { Measured, MeasuredColumn } from "../../engine/measure-sql.ts";
import type { TableColumn } from "../../schema/find-table-column.ts";
import type { CheckFinding } from "./finding.ts";

/** A column with values, and its names in statistics. */
export interface JudgedColumn extends MeasuredColumn {
  readonly column: TableColumn;
}

export interface JudgeStatisticsOptions {
  readonly add: AddFile;
  /** Of the rows that are not deleted; the columns in the order of `columns`. */
  readonly measured: Measured;
  readonly columns: readonly JudgedColumn[];
}

export type StatisticsFault = Pick<CheckFinding, "code" | "message">;

/** Types whose values stand in statistics as they are: nobody has to cut or round them. */
const EXACT: ReadonlySet<string> = new Set(["byte", "short", "integer", "long", "date"]);

export function judgeStatistics(options: JudgeStatisticsOptions): StatisticsFault[] {
  const { add, measured, columns } = options;
  const stats = statsOf(add);
  if (stats === undefined) return [];
  const faults: StatisticsFault[] = [];
  // PROTOCOL.md: numRecords counts the rows of the file, deleted ones too.
  const rows = measured.rows + Number(add.deletionVector?.cardinality ?? 0);
  const records = recordsOf(add);
  if (records !== undefined && records !== rows)
    faults.push({ code: "ROWS_WRONG", message: `The file holds ${rows} rows; the log says ${records}.` });
  const facts = factsOfAdd(add, true);
  const isTight = stats["tightBounds"] !== false;
  for (const [i, { path, type, column }] of columns.entries()) {
    const { min, max, nullCount } = measured.columns[i]!;
    const name = path.join(".");
    const stated = facts(column);
    const known = (text: string | undefined): KnownValue | undefined =>
      text === undefined ? undefined : knownValue(type, text);
    const [least, greatest] = [known(min), known(max)];
    const isBelow = order(least, stated.min) < 0;
    const isAbove = order(greatest, stated.max) > 0;
    if (isBelow) faults.push(wrong(name, "minimum", stated.min!, `the value ${quoted(min!)}`));
    if (isAbove) faults.push(wrong(name, "maximum", stated.max!, `the value ${quoted(max!)}`));
    if (isTight && typeof type === "string" && EXACT.has(type)) {
      if (order(least, stated.min) > 0) faults.push(loose(name, "minimum", stated.min!, min!));
      if (order(greatest, stated.max) < 0) faults.push(loose(name, "maximum", stated.max!, max!));
    }
    const nulls = nullFault(name, {
      stated: statedNulls(stats["nullCount"], column),
      found: nullCount!,
      rows: measured.rows,
      records,
      isTight,
    });
    if (nulls !== undefined) faults.push(nulls);
  }
  return faults;
}

/** 0 where one of them is not known: nothing is said of it. */
function order(value: KnownValue | undefined, bound: KnownValue | undefined): number {
  return value === undefined || bound === undefined ? 0 : (compareKnown(value, bound) ?? 0);
}

/** PROTOCOL.md: with wide bounds a count says something only where it is 0 or that of all rows. */
function nullFault(
  name: string,
  count: {
    readonly stated: number | undefined;
    readonly found: number;
    readonly rows: number;
    readonly records: number | undefined;
    readonly isTight: boolean;
  },
): StatisticsFault | undefined {
  const { stated, found, rows, records, isTight } = count;
  if (stated === undefined || stated === found) return undefined;
  const saysNone = stated === 0 && found > 0;
  const saysAll = stated === records && found < rows;
  if (!isTight && !saysNone && !saysAll) return undefined;
  return {
    code: "NULLS_WRONG",
    message: `${name} is null in ${found} of ${rows} rows; the log says in ${stated}.`,
  };
}

function statedNulls(nullCount: unknown, { physicalPath }: TableColumn): number | undefined {
  let value = nullCount;
  for (const name of physicalPath) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}

function wrong(name: string, which: string, stated: KnownValue, found: string): StatisticsFault {
  return {
    code: "BOUNDS_WRONG",
    message: `The log states ${textOf(stated)} as the ${which} of ${name}, and the file has ${found}.`,
  };
}

function loose(name: string, which: string, stated: KnownValue, found: string): StatisticsFault {
  return {
    code: "BOUNDS_LOOSE",
    message: `The log states ${textOf(stated)} as the ${which} of ${name} with tight bounds; of its rows it is ${found}.`,
  };
}

function textOf(value: KnownValue): string {
  switch (value.kind) {
    case "floating":
      return String(value.value);
    case "exact":
      return exactText(value.units, value.scale);
    case "text":
      return quoted(value.text);
    case "boolean":
    case "date":
    case "instant":
      return value.text;
    default:
      return value satisfies never;
  }
}

function exactText(units: bigint, scale: number): string {
  if (scale === 0) return String(units);
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Text of a message's length. */
const SHOWN = 64;

function quoted(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
