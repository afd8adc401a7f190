/** Does a ledger that is rebuilt from the table alone say what the pipeline's own ledger says of everything that was committed? */
import { uuidv7 } from "../../base/uuid.ts";
import { systemClock } from "../../base/clock.ts";
import type { ParquetAccess } from "../../delta/checkpoint-rows.ts";
import { applyBaseline, readBaseline } from "../../ingest/baseline.ts";
import { openTable } from "../../ingest/open-table.ts";
import { appIdOf, readPipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { takeIn } from "../../ingest/take-in.ts";
import type { Arrival, Ledger } from "../../ledger/ledger.ts";
import { memoryLedger } from "../../ledger/memory-ledger.ts";
import type { Storage } from "../../storage/storage.ts";
import { SCRATCH_NAME } from "./scratch-pipelines.ts";

const BATCHES = 100_000;

export async function judgeRebuild(options: {
  readonly storage: Storage;
  readonly parquet: ParquetAccess;
  readonly ledger: Ledger;
}): Promise<readonly string[]> {
  const { storage, parquet } = options;
  const identity = await readPipelineIdentity(storage, SCRATCH_NAME);
  if (identity === undefined) return ["there is no pipeline.json"];
  const rebuilt = memoryLedger();
  const context = {
    name: SCRATCH_NAME,
    pipelineId: identity.pipelineId,
    appId: appIdOf(identity.pipelineId),
    table: openTable({ storage, parquet }),
    ledger: rebuilt,
    clock: systemClock,
    newId: uuidv7,
    emit: () => {},
  };
  await takeIn(context);
  const baseline = await readBaseline(storage, SCRATCH_NAME);
  if (baseline !== undefined) await applyBaseline({ baseline, ledger: rebuilt, at: 0 });
  const [own, again] = [await linesOf(options.ledger), await linesOf(rebuilt)];
  return [
    ...[...own].filter((line) => !again.has(line)).map((line) => `only in the ledger: ${line}`),
    ...[...again].filter((line) => !own.has(line)).map((line) => `only in the rebuilt ledger: ${line}`),
  ];
}

/** What both must agree on: settled batches, and arrivals with an outcome. What was judged without a batch is judged again. */
async function linesOf(ledger: Ledger): Promise<ReadonlySet<string>> {
  const batches = (await ledger.batches(BATCHES)).filter((batch) => batch.state === "settled");
  const arrivals = (await ledger.arrivals({})).filter(hasLastingOutcome);
  return new Set([
    ...batches.map(({ number, batchId, version }) => JSON.stringify([number, batchId, version])),
    ...arrivals.map(({ key, generation, state, rule, batchId, outcome }) =>
      JSON.stringify([
        key,
        generation,
        state,
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
