/**
 * What Python read from the input files, put beside what a judge read from the table. Python knows nothing of our types, so numbers
 * are compared as decimal values and instants as instants; everything else as it stands.
 */
import assert from "node:assert/strict";
import type { JudgeRows } from "./judge.ts";

export interface CompareOptions {
  /** Rows as the `inputs` judge gives them with `tagged`. */
  readonly inputs: JudgeRows["rows"];
  /** Rows as another judge gives them. */
  readonly table: JudgeRows["rows"];
  /** Keys whose column, at any depth, has another name. */
  readonly renamed?: Readonly<Record<string, string>>;
  readonly rescuedDataColumn?: string;
  /** CSV: Python cannot tell an empty field from a quoted empty one, so both count as none. Default: false. */
  readonly emptyIsNull?: boolean;
}

/** Fails unless both hold the same rows; rescued values count where they stand. */
export function assertSameRows(options: CompareOptions): void {
  const { inputs, table, renamed = {}, rescuedDataColumn = "_rescued_data" } = options;
  const shown = options.emptyIsNull === true ? withoutEmpty : (row: Readonly<Record<string, unknown>>) => row;
  const wanted = inputs.map((row) => comparable(shown(row), renamed)).sort();
  const found = table
    .map((row) => comparable(shown(withRescued(row, rescuedDataColumn, renamed)), {}))
    .sort();
  assert.equal(found.length, wanted.length, "number of rows");
  for (const [i, row] of wanted.entries()) assert.equal(found[i], row, `row ${i} in order of its text`);
}

function withoutEmpty(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ""));
}

/** The row with what was rescued back in its place, under the column's name. */
function withRescued(
  row: Readonly<Record<string, unknown>>,
  column: string,
  renamed: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const { [column]: rescued, ...others } = row;
  const rest: Record<string, unknown> = { ...others };
  if (typeof rescued !== "string") return rest;
  const values = JSON.parse(rescued, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? { $number: context?.source ?? String(value) } : value,
  ) as Record<string, unknown>;
  delete values["_file_path"];
  for (const [key, value] of Object.entries(values))
    rest[renamed[key] ?? key] = merged(rest[renamed[key] ?? key], value);
  return rest;
}

function merged(kept: unknown, rescued: unknown): unknown {
  if (!isObject(kept) || !isObject(rescued) || "$number" in rescued) return rescued;
  const result: Record<string, unknown> = { ...kept };
  for (const [key, value] of Object.entries(rescued)) result[key] = merged(result[key], value);
  return result;
}

/** One text for a row, whatever the order of its keys; null and absent are one. */
function comparable(
  row: Readonly<Record<string, unknown>>,
  renamed: Readonly<Record<string, string>>,
): string {
  return JSON.stringify(plain(row, renamed));
}

function plain(value: unknown, renamed: Readonly<Record<string, string>>): unknown {
  if (typeof value === "string" || typeof value === "number") return plainText(String(value));
  if (Array.isArray(value)) return value.map((item) => plain(item, renamed) ?? null);
  if (!isObject(value)) return value ?? undefined;
  if (typeof value["$number"] === "string") return plainText(value["$number"]);
  const entries = Object.entries(value)
    .map(([key, inner]) => [renamed[key] ?? key, plain(inner, renamed)] as const)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

const INSTANT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:?\d\d)?$/;

function plainText(text: string): string {
  if (/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return plainNumber(text);
  const instant = INSTANT.exec(text);
  if (!instant) return text;
  const [, date, time, fraction = "", zone = "Z"] = instant;
  const whole = new Date(`${date!}T${time!}${zone}`).toISOString().slice(0, 19);
  return `${whole}.${fraction.padEnd(6, "0")}Z`;
}

/** A number's text without what does not change its value: sign of plus, zeros, exponent. */
function plainNumber(text: string): string {
  const [, sign, whole, fraction = "", exponent = "0"] = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(
    text,
  )!;
  let digits = `${whole!}${fraction}`;
  let point = whole!.length + Number(exponent);
  const leading = /^0*/.exec(digits)![0].length;
  digits = digits.slice(leading).replace(/0+$/, "");
  point -= leading;
  return digits === "" ? "0" : `${sign === "-" ? "-" : ""}0.${digits}e${point}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
