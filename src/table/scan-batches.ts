import type { QueryTable } from "../engine/engine.ts";
import { recordBatch, type RecordBatch } from "./record-batch.ts";
import type { ScanOptions } from "./scan-snapshot.ts";
import type { TableParts } from "./table-access.ts";

/** The rows of a relation in batches, as a scan's options ask for them. @throws LandfallError as `TableScan` says */
export async function* scanBatches(
  { engine }: TableParts,
  options: { readonly table: QueryTable; readonly asked: ScanOptions; readonly signal: AbortSignal },
): AsyncGenerator<RecordBatch> {
  const { table, asked, signal } = options;
  const { columns, where, batchRows } = asked;
  const request = {
    table,
    ...(columns === undefined ? {} : { columns }),
    ...(where === undefined ? {} : { where }),
    ...(batchRows === undefined ? {} : { batchRows }),
  };
  for await (const batch of engine.scan(request, { signal })) yield recordBatch(batch);
}
