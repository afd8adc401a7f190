/** JSON text of many actions, and of numbers that no double holds. */
import { stringifyJson } from "../base/lossless-json.ts";

/** A number's text that JSON.stringify prints as it is, so that no digit passes through a double. */
export const rawJson = (JSON as unknown as { rawJSON: (this: void, text: string) => unknown }).rawJSON;

/** As `stringifyJson`, several times faster for the many values without a bigint. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // JSON.stringify knows no bigint and says so with a TypeError.
    if (error instanceof TypeError) return stringifyJson(value);
    throw error;
  }
}
