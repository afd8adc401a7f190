/** What an add says of its rows. */
import { isJsonObject, parseJson, type JsonValue } from "../base/lossless-json.ts";
import type { AddFile } from "./actions.ts";

/** `numRecords` of an add's statistics; undefined where they are absent or damaged. */
export function recordsOf(add: Pick<AddFile, "stats">): number | undefined {
  const records = statsOf(add)?.["numRecords"];
  return typeof records === "number" && Number.isSafeInteger(records) ? records : undefined;
}

/** Those of them that no deletion vector marks; undefined as `recordsOf`. */
export function liveRowsOf(add: Pick<AddFile, "stats" | "deletionVector">): number | undefined {
  const records = recordsOf(add);
  return records === undefined ? undefined : records - Number(add.deletionVector?.cardinality ?? 0);
}

/** Of several files; undefined where one says nothing. */
export function liveRowsOfAll(
  adds: readonly Pick<AddFile, "stats" | "deletionVector">[],
): number | undefined {
  let sum = 0;
  for (const add of adds) {
    const rows = liveRowsOf(add);
    if (rows === undefined) return undefined;
    sum += rows;
  }
  return sum;
}

/** An add's statistics as JSON; undefined where they are absent or no JSON object. */
export function statsOf(add: Pick<AddFile, "stats">): Record<string, JsonValue> | undefined {
  return add.stats === undefined ? undefined : parseObject(add.stats);
}

function parseObject(text: string): Record<string, JsonValue> | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Damaged statistics say nothing; readers then look into the file.
    return undefined;
  }
}
