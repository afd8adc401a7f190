/**
 * What a dead process left open. After take-in every batch that won is settled; every other one of the ledger's open batches is
 * void: its claims are released and its number is planned again under a new batchId (exactly-once rules, §3 "Recovery").
 */
import { faultPoint } from "../base/fault-point.ts";
import type { PipelineContext } from "./pipeline-context.ts";

/** To be called after take-in. Answers the batches that became void. */
export async function voidOpenBatches(
  context: PipelineContext,
): Promise<{ readonly number: number; readonly batchId: string }[]> {
  const open = await context.ledger.openBatches();
  for (const batch of open) {
    await context.ledger.voidBatch(batch.batchId, context.clock.now());
    faultPoint("recover.voided");
    const { number, batchId } = batch;
    context.emit({ type: "batch.recovered", number, batchId, outcome: "void" });
  }
  return open.map(({ number, batchId }) => ({ number, batchId }));
}
