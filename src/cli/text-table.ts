/** Rows as aligned columns for a terminal. */
import { stringifyJson } from "../base/lossless-json.ts";
import { printable } from "./printable.ts";

const WIDEST_CELL = 60;

export function textTable(options: {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}): string {
  const cells = [options.columns, ...options.rows].map((row) => row.map(cellText));
  const widths = options.columns.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const numeric = options.columns.map(
    (_, i) =>
      options.rows.some((row) => isNumber(row[i])) &&
      options.rows.every((row) => row[i] === null || isNumber(row[i])),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd();
  const [head, ...body] = cells.map(line);
  return [head!, widths.map((width) => "─".repeat(width)).join("  "), ...body].join("\n");
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value));
}

function cellText(value: unknown): string {
  const text =
    value === null || value === undefined ? "·" : typeof value === "string" ? value : stringifyJson(value);
  const safe = printable(text.replaceAll("\n", "⏎"));
  return safe.length > WIDEST_CELL ? `${safe.slice(0, WIDEST_CELL - 1)}…` : safe;
}
