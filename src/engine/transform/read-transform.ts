/** What of a transform can be judged before any file is opened. */
import type { Duckdb } from "../duckdb.ts";
import { readSelect } from "./read-select.ts";
import type { Transform } from "./transform.ts";

/** @throws LandfallError TRANSFORM_INVALID */
export function readTransform(duckdb: Duckdb, transform: Transform): Promise<Transform> {
  return readSelect(duckdb, transform);
}
