/** Does a ledger that is rebuilt from the table alone say what the pipeline's own ledger says of everything that was committed? */
import { systemClock } from "../../base/clock.ts";
import type { ParquetAccess } from "../../delta/checkpoint-rows.ts";
import { readPipelineIdentity } from "../../ingest/pipeline-identity.ts";
import type { Arrival } from "../../ledger/ledger.ts";
import type { LedgerReader } from "../../ledger/ledger-reader.ts";
import { memoryLedger } from "../../ledger/memory-ledger.ts";
import type { Storage } from "../../storage/storage.ts";
import { rebuildLedger } from "../rebuild-ledger.ts";
import { SCRATCH_NAME } from "./scratch-pipelines.ts";

const BATCHES = 100_000;

export async function judgeRebuild(options: {
  readonly storage: Storage;
  readonly parquet: ParquetAccess;
  readonly ledger: LedgerReader;
}): Promise<readonly string[]> {
  const { storage, parquet } = options;
  const identity = await readPipelineIdentity(storage, SCRATCH_NAME);
  if (identity === undefined) return ["there is no pipeline.json"];
  const rebuilt = memoryLedger();
  await rebuildLedger({
    view: { storage, parquet },
    pipeline: identity,
    into: rebuilt,
    clock: systemClock,
  });
  const [own, again] = [await linesOf(options.ledger), await linesOf(rebuilt)];
  return [
    ...[...own].filter((line) => !again.has(line)).map((line) => `only in the ledger: ${line}`),
    ...[...again].filter((line) => !own.has(line)).map((line) => `only in the rebuilt ledger: ${line}`),
  ];
}

/** What both must agree on: settled batches, and arrivals with an outcome. What was judged without a batch is judged again. */
async function linesOf(ledger: LedgerReader): Promise<ReadonlySet<string>> {
  const batches = (await ledger.batches(BATCHES)).filter((batch) => batch.state === "settled");
  const arrivals = (await ledger.arrivals({})).filter(hasLastingOutcome);
  return new Set([
    ...batches.map(({ number, batchId, version }) => JSON.stringify([number, batchId, version])),
    ...arrivals.map(({ key, generation, state, rule, batchId, outcome, vacated }) =>
      JSON.stringify([
        key,
        generation,
        // Where a file went stands in no manifest; that its name was vacated stands in a record.
        state === "archived" ? "committed" : state,
        vacated,
        rule,
        batchId,
        outcome?.read,
        outcome?.written,
        outcome?.crc32,
      ]),
    ),
  ]);
}

function hasLastingOutcome(arrival: Arrival): boolean {
  return arrival.batchId !== undefined || arrival.rule === "baseline";
}
