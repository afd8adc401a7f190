/** Some rows of a scan, for who wants columns and for who wants objects. */
import type { Column, ColumnBatch } from "../engine/column-batch/column-batch.ts";
import { valueAt, type ColumnValue } from "../engine/column-batch/value-at.ts";

/** A row by the names of its columns. */
export interface Row {
  readonly [column: string]: ColumnValue;
}

export interface RecordBatch {
  /** At least 1. */
  readonly rowCount: number;
  /** By name, in the order that was asked for: typed arrays, of which `valueAt` and `valuesOf` give the values. Without a prototype. */
  readonly columns: { readonly [name: string]: Column };
  /** Its rows one by one, each made when it is asked for. */
  rows(): IterableIterator<Row>;
}

export function recordBatch({ rows: rowCount, columns: inOrder }: ColumnBatch): RecordBatch {
  // A column may be called `__proto__`.
  const columns = Object.create(null) as Record<string, Column>;
  for (const column of inOrder) columns[column.name] = column;
  return {
    rowCount,
    columns,
    *rows() {
      for (let i = 0; i < rowCount; i++) {
        // Made of entries, in which `__proto__` is a name like any other.
        yield Object.fromEntries(inOrder.map((column) => [column.name, valueAt(column, i)]));
      }
    },
  };
}
