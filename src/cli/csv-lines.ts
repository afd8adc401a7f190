/** Rows as CSV by RFC 4180, with a header: null is an empty field, an empty text is one in quotes. */
import { stringifyJson } from "../base/lossless-json.ts";

export function csvLines(options: {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}): string[] {
  return [options.columns, ...options.rows].map((row) => row.map(fieldOf).join(","));
}

function fieldOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : stringifyJson(value);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
