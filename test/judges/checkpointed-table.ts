/** A table of ours with V2 checkpoints, deletion vectors, a transaction and `.crc` files, whose first commits can be taken away. */
import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createTable } from "../../src/write/create-table.ts";
import type { WritableTable } from "../../src/write/open-table.ts";
import type { Judge } from "../support/judge.ts";

export interface CheckpointedTable {
  readonly table: WritableTable;
  /** At the newest version. */
  readonly ids: readonly number[];
}

/** Version 4 has a V2 checkpoint; version 5 came after it. */
export async function checkpointedTable(
  place: string,
  properties: Readonly<Record<string, string>> = {},
): Promise<CheckpointedTable> {
  const table = await createTable(place, {
    schema: "id BIGINT, part STRING",
    partitionBy: ["part"],
    properties: { "delta.checkpointPolicy": "v2", "delta.checkpointInterval": "4" },
    threads: 1,
    memory: "256m",
  });
  await table.setProperties({ "delta.enableDeletionVectors": "true", ...properties });
  await table.append(rowsOf(1, 6), { txn: { appId: "one", version: 9 } });
  await table.delete({ where: "id IN (2, 4)" });
  await table.append(rowsOf(7, 2));
  await table.append(rowsOf(9, 2));
  const names = readdirSync(join(place, "_delta_log"));
  assert.equal(names.filter((name) => name.endsWith(".crc")).length, 6);
  assert.deepEqual(
    names.filter((name) => name.includes("checkpoint.")).map((name) => name.replace(/[0-9a-f-]{36}/, "UUID")),
    ["00000000000000000004.checkpoint.UUID.parquet"],
  );
  assert.equal(readdirSync(join(place, "_delta_log/_sidecars")).length, 1);
  return { table, ids: [1, 3, 5, 6, 7, 8, 9, 10] };
}

export function rowsOf(first: number, count: number): { id: number; part: string }[] {
  return Array.from({ length: count }, (_, i) => ({
    id: first + i,
    part: (first + i) % 2 === 0 ? "a" : "b c",
  }));
}

/** Its ids as a judge reads them, sorted. @param version default: the newest */
export async function idsRead(judge: Judge, place: string, version?: number): Promise<number[]> {
  const at = version === undefined ? {} : { version };
  const { rows } = await judge.request({ op: "read", table: place, ...at });
  return rows.map(({ id }) => Number(id)).sort((a, b) => a - b);
}

/** All that a checkpoint of the version stands for. */
export function removeBefore(place: string, version: number): void {
  for (const name of readdirSync(join(place, "_delta_log")))
    if (/^\d{20}\.(?:json|crc)$/.test(name) && Number.parseInt(name, 10) < version)
      rmSync(join(place, "_delta_log", name));
}
