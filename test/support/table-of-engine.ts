/** A table as `openTable` gives it, but with an engine that stays: its process is not started for each of thousands of tables. */
import { systemClock } from "../../src/base/clock.ts";
import { readTableState } from "../../src/delta/table-state.ts";
import { tableMissing } from "../../src/delta/table-missing.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import type { DeltaTable } from "../../src/table/open-table.ts";
import type { TableAccess, TableParts } from "../../src/table/table-access.ts";
import { scanChanges } from "../../src/table/scan-changes.ts";
import { newestState } from "../../src/table/newest-state.ts";
import { tableSnapshot } from "../../src/table/table-snapshot.ts";
import { tableWrites, type TableWrites } from "../../src/write/table-writes.ts";

export function tableOfEngine(options: {
  readonly table: string;
  readonly engine: Engine;
  readonly scratchFolder: string;
}): Pick<DeltaTable, "snapshot" | "changes"> & TableWrites {
  const { table, engine, scratchFolder } = options;
  const newest = newestState();
  const parts: TableParts = {
    storage: localStorage({ root: table }),
    engine,
    parquet: { port: engine, scratchFolder },
    allowOutside: false,
    onNotice: undefined,
  };
  const { signal } = new AbortController();
  const access: TableAccess = {
    location: table,
    closing: signal,
    ask: (asked, question) => question(parts, asked ?? signal),
    async *askInPieces(asked, question) {
      yield* question(parts, asked ?? signal);
    },
    close: () => Promise.resolve(),
  };
  return {
    ...tableWrites({
      access,
      newest: newest.read,
      clock: systemClock,
      checkpointRows: { kept: undefined },
      engineInfo: "Landfall/test",
    }),
    changes: (changes) => scanChanges(access, newest.read, changes),
    async snapshot({ version } = {}) {
      const state = await readTableState({ ...parts, ...(version === undefined ? {} : { version }) });
      if (state === undefined) throw tableMissing(parts.storage);
      return tableSnapshot(access, state);
    },
  };
}
