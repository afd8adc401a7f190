/** What an add says of its rows. */
import { isJsonObject, parseJson, type JsonValue } from "../base/lossless-json.ts";
import type { AddFile } from "./actions.ts";

/** `numRecords` of an add's statistics; undefined where they are absent or damaged. */
export function recordsOf(add: Pick<AddFile, "stats">): number | undefined {
  const records = statsOf(add)?.["numRecords"];
  return typeof records === "number" && Number.isSafeInteger(records) ? records : undefined;
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
