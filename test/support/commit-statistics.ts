/** Whether the statistics of a new file are such as a reader may rely on (PROTOCOL.md, "Per-file Statistics"). */
import { isJsonObject, parseJson, stringifyJson, type JsonValue } from "../../src/base/lossless-json.ts";
import type { DataType, StructType } from "../../src/schema/data-type.ts";

const PARTS = new Set(["numRecords", "tightBounds", "minValues", "maxValues", "nullCount"]);
const TIMES: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}-\d{2}-\d{2}$/,
  timestamp: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/,
  timestamp_ntz: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}$/,
};
const RANGES: Readonly<Record<string, bigint>> = {
  byte: 1n << 7n,
  short: 1n << 15n,
  integer: 1n << 31n,
  long: 1n << 63n,
};

/**
 * @param schema of the file: by physical names, without partition columns
 */
export function statisticsFaults(text: string, schema: StructType): string[] {
  let stats: JsonValue;
  try {
    stats = parseJson(text);
  } catch {
    return [`stats are no JSON: ${text}`];
  }
  if (!isJsonObject(stats)) return ["stats are no object"];
  const rows = stats["numRecords"];
  if (typeof rows !== "number" || !Number.isSafeInteger(rows) || rows < 0)
    return ["stats have no whole numRecords"];
  const faults = Object.keys(stats)
    .filter((name) => !PARTS.has(name))
    .map((name) => `stats have ${name}`);
  const [least, greatest, nulls] = ["minValues", "maxValues", "nullCount"].map((part) =>
    leavesOf(stats[part], part, faults, schema),
  ) as [Leaves, Leaves, Leaves];
  for (const [path, { value }] of nulls)
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > rows)
      faults.push(`stats count ${JSON.stringify(value)} nulls of ${path} in ${rows} rows`);
  for (const [part, leaves] of [
    ["minValues", least],
    ["maxValues", greatest],
  ] as const)
    for (const [path, { value, type }] of leaves) {
      if (!isBound(value, type, part === "maxValues"))
        faults.push(
          `stats.${part}.${path} is no bound of a ${JSON.stringify(type)}: ${stringifyJson(value)}`,
        );
      if (nulls.get(path)?.value === rows) faults.push(`stats.${part}.${path} stands for nothing but nulls`);
    }
  for (const [path, { value, type }] of least) {
    const other = greatest.get(path)?.value;
    if (type !== "string" && other !== undefined && other !== null && value !== null && value > other)
      faults.push(`stats: the least ${path} is above the greatest`);
  }
  return faults;
}

type Leaves = ReadonlyMap<string, { readonly value: JsonValue; readonly type: DataType }>;

function leavesOf(of: JsonValue | undefined, part: string, faults: string[], schema: StructType): Leaves {
  const leaves = new Map<string, { value: JsonValue; type: DataType }>();
  const walk = (node: JsonValue | undefined, { fields }: StructType, path: string): void => {
    if (!isJsonObject(node)) {
      if (node !== undefined) faults.push(`stats.${part}${path} is no object`);
      return;
    }
    for (const [name, value] of Object.entries(node)) {
      const field = fields.find((one) => one.name === name);
      const at = path === "" ? name : `${path}.${name}`;
      if (field === undefined) faults.push(`stats.${part} has ${at}, which is no column of the file`);
      else if (typeof field.type !== "string" && field.type.type === "struct") walk(value, field.type, at);
      else leaves.set(at, { value, type: field.type });
    }
  };
  walk(of, schema, "");
  return leaves;
}

function isBound(value: JsonValue, type: DataType, isGreatest: boolean): boolean {
  if (typeof type !== "string") return false;
  const range = RANGES[type];
  if (range !== undefined) {
    if (typeof value !== "bigint" && !Number.isSafeInteger(value)) return false;
    return BigInt(value as number | bigint) >= -range && BigInt(value as number | bigint) < range;
  }
  if (type === "float" || type === "double" || type.startsWith("decimal"))
    return typeof value === "number" || typeof value === "bigint";
  if (typeof value !== "string") return false;
  // A cut maximum has more behind it, at most as much again.
  if (type === "string") return value.length <= (isGreatest ? 66 : 32);
  // Of other types there is no order that all readers share.
  return TIMES[type]?.test(value) === true;
}
