/** Rows as aligned columns for a terminal. */
import { stringifyJson } from "../base/lossless-json.ts";
import { printable } from "../base/printable.ts";

export interface TextTableOptions {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** Characters that a line should fit in: the widest columns are cut then, down to `NARROWEST`. Default: as wide as it gets. */
  readonly width?: number | undefined;
  /** Characters of a cell at most. Default: 60. */
  readonly widestCell?: number;
  /** Columns of which the end is kept when they are cut, such as paths. */
  readonly keepEnd?: readonly string[];
}

const WIDEST_CELL = 60;
const NARROWEST = 12;
const GAP = "  ";

export function textTable(options: TextTableOptions): string {
  const { columns, widestCell = WIDEST_CELL, keepEnd = [] } = options;
  const cells = [columns, ...options.rows].map((row) => row.map(cellText));
  const wanted = columns.map((_, i) =>
    Math.min(widestCell, Math.max(...cells.map((row) => row[i]?.length ?? 0))),
  );
  const widths = fit(wanted, options.width);
  const numeric = columns.map(
    (_, i) =>
      options.rows.some((row) => isNumber(row[i])) &&
      options.rows.every((row) => row[i] === null || row[i] === undefined || isNumber(row[i])),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => {
        const width = widths[i] ?? 0;
        const cell = cut(text, width, keepEnd.includes(columns[i] ?? ""));
        return numeric[i] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join(GAP)
      .trimEnd();
  const [head, ...body] = cells.map(line);
  return [head!, widths.map((width) => "─".repeat(width)).join(GAP), ...body].join("\n");
}

/** Takes what is too much from the widest columns first. */
function fit(wanted: readonly number[], width: number | undefined): number[] {
  const widths = [...wanted];
  if (width === undefined) return widths;
  let tooMuch = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1) - width;
  while (tooMuch > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= NARROWEST) break;
    widths[widest]! -= 1;
    tooMuch -= 1;
  }
  return widths;
}

function cut(text: string, width: number, keepEnd: boolean): string {
  if (text.length <= width) return text;
  return keepEnd ? `…${text.slice(text.length - width + 1)}` : `${text.slice(0, width - 1)}…`;
}

function isNumber(value: unknown): boolean {
  return (
    typeof value === "number" ||
    (typeof value === "string" && /^[-+]?\d[\d,]*(\.\d+)?( [KMGT]?B)?$/.test(value))
  );
}

function cellText(value: unknown): string {
  const text =
    value === null || value === undefined ? "·" : typeof value === "string" ? value : stringifyJson(value);
  return printable(text.replaceAll("\n", "⏎"));
}
