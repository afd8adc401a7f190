/** What `batch` was in the last batch, which stands in its manifest and so outlives the ledger. */
import { parseSchemaString } from "../delta/schema-json.ts";
import type { Batch } from "../ledger/ledger.ts";
import type { StructType } from "../schema/data-type.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { readManifest } from "./settle-batch.ts";

/**
 * Undefined before the first batch, and after one without a transform: the next then takes the columns of its own files.
 *
 * @throws LandfallError STATE_CORRUPT where the manifest is gone
 */
export async function lastBatchSchema(
  context: PipelineContext,
  last: Batch | undefined,
): Promise<StructType | undefined> {
  if (last === undefined) return undefined;
  const { transform } = await readManifest(context, { number: last.number, batchId: last.batchId });
  return transform === undefined ? undefined : parseSchemaString(transform.batchSchema);
}
