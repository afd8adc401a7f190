/** A partitioned table of four versions, the first three of which were made ten days ago: what a vacuum may take away and what it may not. */
import { globSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Action } from "../../src/delta/actions.ts";
import { commitKey } from "../../src/delta/log-files.ts";
import { addOf, changesOf, changingTable, metadataOf, READS_VECTORS, removeOf } from "./changing-table.ts";

const DAY = 86_400_000;

export interface AgingTable {
  /** The ids of the rows of each version. */
  readonly ids: readonly (readonly number[])[];
  /** What neither the newest version nor one of the last week needs. */
  readonly gone: readonly string[];
  /** Of those, what no version of the log names. */
  readonly orphans: readonly string[];
}

export async function agingTable(
  folder: string,
  options: { readonly plain?: boolean; readonly configuration?: Readonly<Record<string, string>> } = {},
): Promise<AgingTable> {
  const { plain = false, configuration = {} } = options;
  const now = Date.now();
  const table = changingTable(folder);
  const feed = plain ? { "delta.enableChangeDataFeed": "false" } : {};
  const columns = [
    ["id", "long"],
    ["p", "integer"],
  ] as const;
  const ofPartition = (name: string, p: number, id: number) =>
    table.file(`p=${p}/${name}.parquet`, `SELECT ${id}::BIGINT AS id`, { p: String(p) });
  await table.commit([
    plain ? { protocol: { minReaderVersion: 1, minWriterVersion: 2 } } : READS_VECTORS,
    metadataOf({ columns, partitionColumns: ["p"], configuration: { ...feed, ...configuration } }),
  ]);
  const [a, b, c, d] = [
    await ofPartition("a", 1, 1),
    await ofPartition("b", 1, 2),
    await ofPartition("c", 2, 3),
    await ofPartition("d", 1, 4),
  ];
  await table.commit([a, b, c].map((file) => withRecords(addOf(file))));
  const cdc = await table.file("_change_data/x.parquet", "SELECT 1::BIGINT AS id, 'delete' AS _change_type", {
    p: "1",
  });
  await table.commit([
    removedAt(removeOf(a), now - 10 * DAY),
    withRecords(addOf(d)),
    ...(plain ? [] : [changesOf(cdc)]),
  ]);
  await table.commit([removedAt(removeOf(c), now - 3_600_000)]);
  const others = ["p=9/orphan.parquet", "p=1/young.parquet", "_landfall/kept", "_delta_log/_tmp"];
  for (const path of others) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "x");
  }
  const recent = ["p=1/young.parquet", commitKey(3)];
  const old = (now - 10 * DAY) / 1000;
  for (const path of globSync("**/*", { cwd: folder })) {
    if (!recent.includes(path)) utimesSync(join(folder, path), old, old);
  }
  return {
    ids: [[], [1, 2, 3], [2, 3, 4], [2, 4]],
    gone: ["_change_data/x.parquet", "p=1/a.parquet", "p=9/orphan.parquet"],
    orphans: plain ? ["_change_data/x.parquet", "p=9/orphan.parquet"] : ["p=9/orphan.parquet"],
  };
}

function withRecords(action: Action): Action {
  return "add" in action ? { add: { ...action.add, stats: '{"numRecords":1}' } } : action;
}

function removedAt(action: Action, deletionTimestamp: number): Action {
  return "remove" in action ? { remove: { ...action.remove, deletionTimestamp } } : action;
}
