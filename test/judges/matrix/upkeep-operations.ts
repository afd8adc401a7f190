/** Operations of the matrix that leave the rows of the newest version, or of an older one, as they are. */
import assert from "node:assert/strict";
import { globSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sql, type MatrixOperation } from "./matrix-operation.ts";
import { FIRST_ROWS, HALF, type MatrixTable } from "./matrix-tables.ts";

const PARTITIONS = 2;
/** These write no change files. */
const WITHOUT_FEED = ["plain", "deletion vectors", "mapped columns"] as const;

export const UPKEEP_OPERATIONS: readonly MatrixOperation[] = [
  {
    name: "optimize",
    by: {
      Landfall: (table) => table.optimize(),
      Spark: (at) => [sql([`OPTIMIZE ${at}`])],
      "delta-rs": () => [{ op: "optimize" }],
    },
    after: (rows) => rows,
    check: async ({ table }) => assert.equal((await livePaths(table)).length, PARTITIONS),
  },
  {
    name: "Z-order",
    kinds: WITHOUT_FEED,
    by: {
      Landfall: (table) => table.optimize({ zOrderBy: ["id", "n"] }),
      Spark: (at) => [sql([`OPTIMIZE ${at} ZORDER BY (id, n)`])],
      "delta-rs": () => [{ op: "zOrder", columns: ["id", "n"] }],
    },
    after: (rows) => rows,
    check: async ({ table }) => assert.equal((await livePaths(table)).length, PARTITIONS),
  },
  {
    name: "vacuum, after optimize",
    kinds: WITHOUT_FEED,
    by: {
      Landfall: async (table) => {
        await table.optimize();
        await table.vacuum({ retention: "0 seconds", retentionCheck: false });
      },
      Spark: (at) => [
        sql([`OPTIMIZE ${at}`, `VACUUM ${at} RETAIN 0 HOURS`], {
          "spark.databricks.delta.retentionDurationCheck.enabled": "false",
        }),
      ],
      "delta-rs": () => [{ op: "optimize" }, { op: "vacuum" }],
    },
    after: (rows) => rows,
    check: async ({ table, place }) => {
      const there = globSync("[!_]*/*.parquet", { cwd: place });
      assert.equal(there.length, (await livePaths(table)).length);
    },
  },
  {
    name: "restore",
    kinds: WITHOUT_FEED,
    by: {
      Landfall: (table) => table.restore({ version: HALF }),
      Spark: (at) => [sql([`RESTORE ${at} TO VERSION AS OF ${HALF}`])],
      "delta-rs": () => [{ op: "restore", version: HALF }],
    },
    after: () => FIRST_ROWS,
  },
  {
    name: "checkpoint, the commits before it gone",
    kinds: WITHOUT_FEED,
    by: {
      Landfall: (table) => table.checkpoint(),
      Spark: () => [{ op: "checkpoint" }],
      "delta-rs": () => [{ op: "checkpoint" }],
    },
    after: (rows) => rows,
    check: async ({ table, place }) => {
      const { version } = await table.snapshot();
      const log = join(place, "_delta_log");
      const commitOf = (at: number): string => join(log, `${String(at).padStart(20, "0")}.json`);
      const checkpoint = `${String(version).padStart(20, "0")}.checkpoint`;
      assert.ok(
        readdirSync(log).some((name) => name.startsWith(checkpoint)),
        `no checkpoint of ${version}`,
      );
      for (let at = 0; at < version; at++) rmSync(commitOf(at));
    },
  },
];

async function livePaths(table: MatrixTable): Promise<string[]> {
  const { files } = await (await table.snapshot()).files();
  return files.map(({ path }) => path);
}
