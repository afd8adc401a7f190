/** A table that was kept tidy: small files compacted, the log cleaned up behind a checkpoint. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ingest } from "../support/run-landfall.ts";

export interface MaintainedTable {
  readonly table: string;
  /** Versions that the log still holds, with the ids that stand in each. */
  readonly versions: readonly { readonly version: number; readonly ids: readonly number[] }[];
}

const FLAGS = [
  "--max-files-per-trigger",
  "1",
  "--auto-compact",
  "true",
  "--auto-compact-min-num-files",
  "4",
  "--properties",
  "delta.checkpointInterval=3,delta.logRetentionDuration=interval 1 days",
];

export async function maintainedTable(folder: string): Promise<MaintainedTable> {
  const [source, table] = [join(folder, "in"), join(folder, "table")];
  mkdirSync(source);
  const ids: number[] = [];
  const idsAt = new Map<number, readonly number[]>();
  for (const round of [0, 1, 2]) {
    // What stands there by now was made days ago.
    if (round > 0) letAge(join(table, "_delta_log"), 3 - round);
    for (let i = 0; i < 5; i++) land(source, round * 5 + i);
    const { versions, compacted } = await ingest([source, table, ...FLAGS]);
    for (const [i, version] of versions.entries()) {
      ids.push(round * 5 + i);
      idsAt.set(version, [...ids]);
    }
    if (compacted.filesBefore > 0) idsAt.set(versions.at(-1)! + 1, [...ids]);
  }
  const kept = readdirSync(join(table, "_delta_log")).flatMap((name) =>
    name.endsWith(".json") ? [parseInt(name, 10)] : [],
  );
  assert.ok(Math.min(...kept) > 0, "the log was not cleaned up");
  assert.ok(idsAt.size > 15, "nothing was compacted");
  return {
    table,
    versions: kept.sort((a, b) => a - b).map((version) => ({ version, ids: idsAt.get(version)! })),
  };
}

function land(source: string, id: number): void {
  const path = join(source, `${String(id).padStart(3, "0")}.json`);
  writeFileSync(path, `{"id":${id},"at":"2026-01-01T00:00:00.12345${id % 10}Z","n":{"a":[${id},null]}}\n`);
  utimesSync(path, 1_760_000_000 + id, 1_760_000_000 + id);
}

function letAge(log: string, days: number): void {
  const then = new Date(Date.now() - (days + 1) * 86_400_000 - 3_600_000);
  for (const name of readdirSync(log)) utimesSync(join(log, name), then, then);
}
