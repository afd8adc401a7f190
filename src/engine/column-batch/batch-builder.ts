/** Batches of columns made of DuckDB's chunks of some 2,000 rows. */
import type { DuckDBDataChunk, DuckDBType } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import type { ColumnBatch } from "./column-batch.ts";
import { columnBuilder } from "./column-builder.ts";

export interface BatchBuilderOptions {
  readonly names: readonly string[];
  readonly types: readonly DuckDBType[];
  /** Rows of a batch. */
  readonly batchRows: number;
  /** A batch of so many bytes is given although it has fewer rows. */
  readonly batchBytes: number;
}

export interface BatchBuilder {
  /** Takes a chunk's rows, and gives the batches that are whole with them. The chunk is of no use afterwards. */
  append(chunk: DuckDBDataChunk): Generator<ColumnBatch, void, void>;
  /** What is left, undefined where nothing is. */
  rest(): ColumnBatch | undefined;
}

/** @throws LandfallError TABLE_FEATURE_UNSUPPORTED for a type that no Delta column has */
export function batchBuilder(options: BatchBuilderOptions): BatchBuilder {
  const { names, types, batchRows, batchBytes } = options;
  const builders = names.map((name, i) => columnBuilder(name, types[i]!));
  let rows = 0;
  const take = (): ColumnBatch => {
    const batch = { rows, columns: builders.map((builder) => builder.take()) };
    rows = 0;
    return batch;
  };
  return {
    *append(chunk) {
      const { rowCount } = chunk;
      const vectors = builders.map((_, i) => duckdb.data_chunk_get_vector(chunk.chunk, i));
      for (let from = 0; from < rowCount;) {
        const count = Math.min(rowCount - from, batchRows - rows);
        for (const [i, builder] of builders.entries()) builder.append(vectors[i]!, from, count);
        from += count;
        rows += count;
        const isWhole = rows === batchRows || bytesOf(builders) >= batchBytes;
        // Its texts lie outside of what JavaScript's collector knows of, so it would be in no hurry to free them.
        if (from === rowCount) chunk.reset();
        if (isWhole) yield take();
      }
    },
    rest: () => (rows === 0 ? undefined : take()),
  };
}

function bytesOf(builders: readonly { readonly bytes: () => number }[]): number {
  return builders.reduce((total, builder) => total + builder.bytes(), 0);
}
