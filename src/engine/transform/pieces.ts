/** Rows in columns, cut to pieces that are small enough to be held by two processes at once. */
import type { PlainColumns, PlainValue } from "./module-messages.ts";

/** Rows of one piece, at most: five of DuckDB's chunks. */
export const PIECE_ROWS = 5 * 2048;
/** About so many bytes of one piece; a row that is larger is a piece by itself. */
export const PIECE_BYTES = 16 * 1024 ** 2;

/** The columns in pieces of even length, in order; none for no rows. */
export function* inPieces(columns: PlainColumns): Generator<PlainColumns, void, void> {
  const rows = columns[0]?.length ?? 0;
  const count = Math.max(Math.ceil(rows / PIECE_ROWS), Math.ceil(weightOf(columns) / PIECE_BYTES));
  const step = Math.ceil(rows / Math.min(rows, count));
  for (let from = 0; from < rows; from += step)
    yield rows <= step ? columns : columns.map((column) => column.slice(from, from + step));
}

/** Bytes that a value needs, roughly. */
export function weightOf(value: PlainValue): number {
  if (typeof value === "string") return value.length + 8;
  if (value instanceof Uint8Array) return value.length + 64;
  if (!Array.isArray(value)) return 8;
  let weight = 16;
  for (const item of value as readonly PlainValue[]) weight += weightOf(item);
  return weight;
}
