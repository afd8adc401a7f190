import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import type { Action } from "../../src/delta/actions.ts";
import { serializeCommit } from "../../src/delta/commit-json.ts";
import { NOTHING_READ } from "../../src/delta/conflicts/read-set.ts";
import { commitKey } from "../../src/delta/log-files.ts";
import { serializeSchema } from "../../src/delta/schema-json.ts";
import { valuesOf } from "../../src/engine/column-batch/value-at.ts";
import { parseDdl } from "../../src/schema/ddl.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { openToRead } from "../../src/table/open-table.ts";
import { commitWrite } from "../../src/write/commit-write.ts";
import { openTable, type WritableTable } from "../../src/write/open-table.ts";
import { stageRows } from "../../src/write/stage-rows.ts";
import type { WriteContext } from "../../src/write/write-context.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export interface TableOfFiles {
  readonly folder: string;
  readonly table: WritableTable;
  /** One file of these rows. */
  readonly put: (sql: string) => Promise<void>;
}

/** A table without rows, that gets files of one SELECT each. */
export async function tableOfFiles(
  t: TestContext,
  ddl: string,
  partitionColumns: readonly string[] = [],
): Promise<TableOfFiles> {
  const folder = join(temporaryFolder(t), "table");
  mkdirSync(folder);
  const first: Action[] = [
    { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
    {
      metaData: {
        id: "t",
        format: { provider: "parquet", options: {} },
        schemaString: serializeSchema(parseDdl(ddl)),
        partitionColumns,
        configuration: {},
      },
    },
  ];
  await localStorage({ root: folder }).put(commitKey(0), serializeCommit(first));
  const { table: reader, access, newest } = openToRead(folder);
  const table = openTable(folder);
  t.after(async () => Promise.all([reader.close(), table.close()]));
  const context: WriteContext = {
    access,
    newest: newest.read,
    clock: systemClock,
    checkpointRows: { kept: undefined },
    engineInfo: "test",
  };
  const put = async (sql: string): Promise<void> => {
    await commitWrite(context, {
      plan: async (state, { parts, signal }) => {
        const { adds, keys } = await stageRows({ parts, state, tables: {}, sql, now: Date.now(), signal });
        return {
          actions: adds.map((add) => ({ add })),
          reads: NOTHING_READ,
          operation: "WRITE",
          operationParameters: {},
          operationMetrics: {},
          written: keys,
        };
      },
    });
  };
  return { folder, table, put };
}

/** Sorted. */
export async function idsOf(table: WritableTable, where?: string): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const batch of (await table.snapshot()).scan({
    columns: ["id"],
    ...(where === undefined ? {} : { where }),
  }))
    ids.push(...valuesOf(batch.columns["id"]!));
  return ids.sort((a, b) => Number(a) - Number(b));
}
