/** A transform of either kind over the rows of a batch, or some of them. */
import type { StructType } from "../../schema/data-type.ts";
import { formatDdlType } from "../../schema/format-ddl.ts";
import type { Duckdb } from "../duckdb.ts";
import { applyModule } from "./apply-module.ts";
import { applySelect, type Applied } from "./apply-select.ts";
import type { BatchTransform } from "./batch-transform.ts";

export interface ApplyOptions {
  readonly duckdb: Duckdb;
  readonly transform: BatchTransform;
  /** A SELECT of the rows, under the columns of `schema`. */
  readonly select: string;
  readonly schema: StructType;
  /** Scratch, exists. */
  readonly folder: string;
  readonly parquetPath: string;
  readonly signal: AbortSignal | undefined;
}

/** Writes what it gives as one Parquet file. @throws LandfallError TRANSFORM_INVALID; for what rows bring about see `isRowsFault` */
export async function applyToRows(options: ApplyOptions): Promise<Applied> {
  const { transform, ...rest } = options;
  if (transform.kind === "sql") return applySelect({ ...rest, transform });
  const { rowsOut, schema } = await applyModule({ ...rest, module: transform });
  const columns = schema.fields.map(({ name, type }) => ({ name, type: formatDdlType(type) }));
  return { rowsOut, columns };
}
