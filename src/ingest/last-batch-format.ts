/** What the files of the last batch were read as, which stands in its manifest and so outlives the ledger. */
import type { FileFormat } from "../formats/format-options.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { readManifest } from "./settle-batch.ts";

/**
 * Undefined before the first batch, and after one of which no file was read.
 *
 * @throws LandfallError STATE_CORRUPT where the manifest is gone
 */
export async function lastBatchFormat(context: PipelineContext): Promise<FileFormat | undefined> {
  const last = await context.ledger.lastTakenIn();
  if (last === undefined) return undefined;
  const { reader } = await readManifest(context, { number: last.number, batchId: last.batchId });
  return reader?.format;
}
