/** What of a transform can be judged before any file is opened. */
import type { Duckdb } from "../duckdb.ts";
import { readSelect } from "./read-select.ts";
import type { BatchTransform } from "./batch-transform.ts";

/** @throws LandfallError TRANSFORM_INVALID */
export function readTransform(duckdb: Duckdb, transform: BatchTransform): Promise<BatchTransform> {
  return readSelect(duckdb, transform);
}
