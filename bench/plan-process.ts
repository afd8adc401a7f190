/**
 * One process that opens TABLE and plans a scan with the condition WHERE, or counts its rows where there is none, and prints
 * `{"rows":N}`: files of the plan, or rows of the table.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countRows } from "../src/delta/count-rows.ts";
import { planScan } from "../src/delta/plan-scan.ts";
import { readTableState } from "../src/delta/table-state.ts";
import { childEngine } from "../src/engine/child-engine.ts";
import { localStorage } from "../src/storage/local-storage.ts";

async function main(root: string, where: string | undefined): Promise<void> {
  const scratchFolder = mkdtempSync(join(tmpdir(), "landfall-plan-"));
  const engine = childEngine({
    memoryBytes: 600 * 1024 ** 2,
    threads: 2,
    spillFolder: join(scratchFolder, "spill"),
    spillBytes: 1024 ** 3,
  });
  try {
    const log = { storage: localStorage({ root }), parquet: { port: engine, scratchFolder } };
    // Starts while the log is read.
    engine.warm();
    const state = await readTableState({ ...log, holdCommits: true });
    if (state === undefined) throw new Error("no table");
    const asked = { ...log, state };
    const rows =
      where === undefined
        ? await countRows(asked)
        : (
            await planScan({
              ...asked,
              predicate: await engine.predicateOf({ sql: where, schema: state.schema }),
            })
          ).files.length;
    process.stdout.write(`${JSON.stringify({ rows })}\n`);
  } finally {
    await engine.close();
    rmSync(scratchFolder, { recursive: true, force: true });
  }
}

if (import.meta.main) await main(process.argv[2]!, process.argv[3]);
