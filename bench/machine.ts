/** On what the figures were taken. */
import { spawnSync } from "node:child_process";
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import duckdb from "@duckdb/node-api";
import { judgesPython } from "./paths.ts";
import { median } from "./race.ts";

export interface Machine {
  readonly date: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  /** Of the last minute. */
  readonly load: number;
  /** Median milliseconds of writing and syncing a small file. */
  readonly fsyncMs: number;
  readonly versions: Readonly<Record<string, string>>;
}

const FSYNC_TRIES = 21;

/** @param folder where the fsync probe writes: on the file system that the benches use */
export function describeMachine(folder: string): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memoryGb: Math.round(totalmem() / 1e9),
    load: Math.round(loadavg()[0]! * 10) / 10,
    fsyncMs: Math.round(fsyncMilliseconds(folder) * 100) / 100,
    versions: { Node: process.versions.node, DuckDB: duckdb.version(), ...pythonVersions() },
  };
}

function fsyncMilliseconds(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "fsync-probe");
  const times: number[] = [];
  for (let i = 0; i < FSYNC_TRIES; i++) {
    const started = performance.now();
    const file = openSync(path, "w");
    writeSync(file, "landfall ".repeat(100));
    fsyncSync(file);
    closeSync(file);
    times.push(performance.now() - started);
    rmSync(path);
  }
  return median(times);
}

/** Of the peers that are installed. */
function pythonVersions(): Record<string, string> {
  const asked = spawnSync(
    judgesPython(),
    [
      "-c",
      `import importlib.metadata as m, json
print(json.dumps([m.version(n) for n in ("deltalake", "pyarrow", "pyspark", "delta-spark")]))`,
    ],
    { encoding: "utf8" },
  );
  if (asked.status !== 0) return {};
  const [deltaRs, pyarrow, spark, deltaSpark] = JSON.parse(asked.stdout) as [string, string, string, string];
  return { "delta-rs": deltaRs, pyarrow, Spark: spark, "Delta for Spark": deltaSpark };
}
