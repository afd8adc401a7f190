/** Statistics that a checkpoint holds as columns (`add.stats_parsed`) back into the JSON text of `add.stats`. */
import { isJsonObject, stringifyJson, type JsonValue } from "../base/lossless-json.ts";
import type { DataType, StructType } from "../schema/data-type.ts";
import { parseInstantText } from "./instant-text.ts";
import { rawJson } from "./raw-json.ts";

/**
 * The statistics in the JSON text of a checkpoint's row, numbers with all their digits; undefined when the row has none.
 */
export function statsOfStruct(rowText: string, schema: StructType): string | undefined {
  const row = JSON.parse(rowText, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? rawJson(context?.source ?? "null") : value,
  ) as Record<string, JsonValue>;
  const add = row["add"];
  const parsed = isJsonObject(add) ? add["stats_parsed"] : undefined;
  if (!isJsonObject(parsed)) return undefined;
  const stats: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (value === null) continue;
    stats[name] = name === "minValues" || name === "maxValues" ? bounds(value, schema) : withoutNulls(value);
  }
  return stringifyJson(stats);
}

function bounds(value: JsonValue, type: DataType): unknown {
  if (type === "timestamp" || type === "timestamp_ntz") {
    const instant = typeof value === "string" ? parseInstantText(value) : undefined;
    if (instant === undefined) return undefined;
    const text = `${instant.day}T${instant.time}.${instant.micros.slice(0, 3)}`;
    return type === "timestamp" ? `${text}Z` : text;
  }
  if (typeof type === "string") return value;
  if (type.type !== "struct" || !isJsonObject(value)) return undefined;
  const kept: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const field of type.fields) {
    const inner = Object.hasOwn(value, field.name) ? value[field.name] : null;
    if (inner !== undefined && inner !== null) kept[field.name] = bounds(inner, field.type);
  }
  return kept;
}

function withoutNulls(value: JsonValue): unknown {
  // A number stands here as raw JSON, an object without entries of its own kind.
  if (!isJsonObject(value) || JSON.stringify(value)[0] !== "{") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([name, inner]) => [name, withoutNulls(inner)]),
  );
}
