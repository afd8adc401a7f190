/** An odd file through the whole flow, alone in a table of its own, for other readers to look at. */
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { uuidv7 } from "../../src/base/uuid.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { openTable } from "../../src/ingest/open-table.ts";
import { runPipeline } from "../../src/ingest/run-pipeline.ts";
import { memoryLedger } from "../../src/ledger/memory-ledger.ts";
import { localSource } from "../../src/sources/local-source.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import type { OddFile } from "./odd-file.ts";
import { oddRequest } from "./outcome.ts";

/** Makes the table below `folder`, which must not be there yet; returns where it lies. */
export async function oddTable(engine: Engine, folder: string, odd: OddFile): Promise<string> {
  const [source, table, scratchFolder] = ["in", "table", "scratch"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const made of [source, table, scratchFolder]) mkdirSync(made, { recursive: true });
  const path = join(source, odd.file ?? "odd");
  writeFileSync(path, odd.content);
  // Rested long enough to be taken at once.
  utimesSync(path, RESTED, RESTED);
  const ids = { name: "odd", pipelineId: "odd", appId: "landfall-odd", newId: uuidv7 };
  const storage = localStorage({ root: table });
  await runPipeline(
    {
      ...ids,
      table: openTable({ storage, parquet: { port: engine, scratchFolder } }),
      ledger: memoryLedger(),
      clock: systemClock,
      emit: () => {},
    },
    {
      source: localSource({ root: source }),
      stageFiles: ({ files, batch }) =>
        engine.stage({ ...oddRequest(odd, scratchFolder, files), ...(batch === undefined ? {} : { batch }) }),
      newTable: { partitionBy: [], properties: {} },
      onOverwrite: "ignore",
      includeExistingFiles: true,
      limits: { maxFiles: 1, maxBytes: 1e9 },
      engineInfo: "Landfall/test",
    },
  );
  return table;
}

const RESTED = 1_760_000_000;
