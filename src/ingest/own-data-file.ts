/** Whether this pipeline wrote a data file: the name of one has the id of the batch, or of the compaction, that made it. */
import type { AddFile } from "../delta/actions.ts";
import { storageKeyOfPath } from "../delta/add-path.ts";
import { uuidOfDataFile } from "../delta/data-file.ts";
import { listCompactions } from "./compaction-record.ts";
import type { PipelineContext } from "./pipeline-context.ts";

/** Partitions give a batch many files: so many batches are remembered, and asked for again beyond that. */
const REMEMBERED = 10_000;

/** To be made after take-in, and for one look at the table: compactions are listed once. Reads no manifest. */
export async function ownDataFile(
  context: Pick<PipelineContext, "ledger" | "name" | "table">,
): Promise<(add: AddFile) => Promise<boolean>> {
  const { ledger, name, table } = context;
  const { done, open } = await listCompactions(table.storage, name);
  const compactions = new Set([...done, ...open]);
  const batches = new Map<string, boolean>();
  return async ({ path }) => {
    const id = uuidOfDataFile(storageKeyOfPath(path) ?? "");
    if (id === undefined) return false;
    if (compactions.has(id)) return true;
    const known = batches.get(id);
    if (known !== undefined) return known;
    const isOwn = (await ledger.batch(id)) !== undefined;
    if (batches.size >= REMEMBERED) batches.clear();
    batches.set(id, isOwn);
    return isOwn;
  };
}
