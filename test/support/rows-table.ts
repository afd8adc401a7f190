/** A Delta table of small files, to change rows of: partitioned or not, with vectors and a change feed or without. */
import type { Action, Metadata } from "../../src/delta/actions.ts";
import type { RecordBatch } from "../../src/table/record-batch.ts";
import { addOf, changingTable, metadataOf } from "./changing-table.ts";

export interface RowsTableOptions {
  readonly isPartitioned: boolean;
  readonly hasVectors: boolean;
  readonly hasFeed: boolean;
  /** Rows of each file, of which there are `files`. Default: 40. */
  readonly rowsOfFile?: number;
  readonly files: number;
  /** Values of `part` by turns. Default: `PARTS`. */
  readonly parts?: readonly (string | null)[];
  readonly configuration?: Metadata["configuration"];
}

/** A row of such a table: `n` is null for every seventh. */
export interface PlainRow {
  readonly id: number;
  readonly n: number | null;
  readonly part: string | null;
}

export const PARTS: readonly (string | null)[] = ["a", "b é", null];

export async function writeRowsTable(folder: string, options: RowsTableOptions): Promise<PlainRow[]> {
  const { isPartitioned, hasVectors, hasFeed, files, rowsOfFile = 40, parts = PARTS } = options;
  const table = changingTable(folder);
  const protocol: Action = {
    protocol: {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ["deletionVectors"],
      writerFeatures: ["deletionVectors", "changeDataFeed", "appendOnly", "invariants"],
    },
  };
  const metadata = metadataOf({
    columns: [
      ["id", "long"],
      ["n", "integer"],
      ["part", "string"],
    ],
    partitionColumns: isPartitioned ? ["part"] : [],
    configuration: {
      "delta.enableDeletionVectors": String(hasVectors),
      "delta.enableChangeDataFeed": String(hasFeed),
      ...options.configuration,
    },
  });
  const adds: Action[] = [];
  const rows: PlainRow[] = [];
  for (let i = 0; i < files; i++) {
    const part = parts[i % parts.length]!;
    const first = i * rowsOfFile;
    const value = part === null ? "NULL" : `'${part}'`;
    const select = `SELECT CAST(${first} + i AS BIGINT) AS id, CAST(CASE WHEN (${first} + i) % 7 = 0 THEN NULL ELSE (${first} + i) % 11 END AS INTEGER) AS n${
      isPartitioned ? "" : `, CAST(${value} AS VARCHAR) AS part`
    } FROM range(${rowsOfFile}) r(i)`;
    const file = await table.file(`f${i}.parquet`, select, isPartitioned ? { part } : {});
    const add = addOf(file);
    // Some files have statistics.
    const stats = `{"numRecords":${rowsOfFile},"minValues":{"id":${first}},"maxValues":{"id":${first + rowsOfFile - 1}}}`;
    adds.push("add" in add && i % 3 !== 2 ? { add: { ...add.add, stats } } : add);
    for (let id = first; id < first + rowsOfFile; id++)
      rows.push({ id, n: id % 7 === 0 ? null : id % 11, part });
  }
  await table.commit([protocol, metadata, ...adds]);
  return rows;
}

export function plainRow(row: Readonly<Record<string, unknown>>): PlainRow {
  return { id: Number(row["id"]), n: row["n"] as number | null, part: row["part"] as string | null };
}

export function sortedRows(rows: readonly PlainRow[]): PlainRow[] {
  return [...rows].sort((a, b) => a.id - b.id);
}

/** Sorted. */
export async function plainRows(scan: AsyncIterable<RecordBatch>): Promise<PlainRow[]> {
  const rows: PlainRow[] = [];
  for await (const batch of scan) for (const row of batch.rows()) rows.push(plainRow(row));
  return sortedRows(rows);
}
