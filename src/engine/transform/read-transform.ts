/** What of a transform can be judged before any file is opened. */
import type { Duckdb } from "../duckdb.ts";
import { moduleColumns } from "./apply-module.ts";
import type { BatchTransform } from "./batch-transform.ts";
import { readSelect } from "./read-select.ts";

/** The transform as it may be applied. @throws LandfallError TRANSFORM_INVALID; of a module TRANSFORM_FAILED past a limit */
export async function readTransform(
  transform: BatchTransform,
  { duckdb, signal }: { readonly duckdb: Duckdb; readonly signal: AbortSignal | undefined },
): Promise<BatchTransform> {
  if (transform.kind === "sql") return readSelect(duckdb, transform);
  await moduleColumns(transform, { signal });
  return transform;
}
