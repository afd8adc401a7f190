/** Tables with data files that are copies of their input, for other implementations to judge. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { corporaFolder } from "../support/corpora.ts";
import { startJudge } from "../support/judge.ts";
import { paddedParquet } from "../support/padded-parquet.ts";
import type { PromisedTable } from "../support/promised-table.ts";
import { ingest } from "../support/run-landfall.ts";
import { writeParquetFile } from "../support/write-parquet-file.ts";

/** Every type and codec by Arrow, copied; and in the same versions small files, written anew. */
export async function copiedParquetTable(folder: string): Promise<PromisedTable> {
  const pieces = join(folder, "copied-pieces");
  mkdirSync(pieces, { recursive: true });
  await using formats = startJudge("formats");
  const { files } = await formats.request<{ readonly files: readonly string[] }>({
    op: "write",
    format: "parquet",
    folder: pieces,
    seed: 11,
    rows: 200,
  });
  const small = join(pieces, "small.parquet");
  await writeParquetFile(small, "SELECT 1000 AS l, -1::DOUBLE AS d, 'small' AS t FROM range(3)");
  const [first, ...later] = files;
  return await copiedTable(folder, "copied", [
    { copied: [first!], written: [small] },
    { copied: later, written: [small] },
  ]);
}

/** As Spark writes it, arrays among it, each table of the corpora a version. */
export function copiedSparkTable(folder: string): Promise<PromisedTable> {
  const tables = ["snapshot-data0", "kernel-timestamp-timestamp_micros", "data-reader-array-primitives"];
  const steps = tables.map((name) => {
    const parts = join(corporaFolder(), "delta/golden", name, "delta");
    const files = readdirSync(parts, { recursive: true, encoding: "utf8" }).sort();
    const data = files.filter((file) => file.endsWith(".parquet") && !file.includes("_delta_log"));
    return { copied: data.slice(0, 2).map((file) => join(parts, file)), written: [] };
  });
  return copiedTable(folder, "copied-spark", steps);
}

/** A version for each step. Fails unless exactly its files to be `copied` are data files, byte for byte. */
async function copiedTable(
  folder: string,
  name: string,
  steps: readonly { readonly copied: readonly string[]; readonly written: readonly string[] }[],
): Promise<PromisedTable> {
  const source = join(folder, `${name}-in`);
  const table = join(folder, `${name}-table`);
  mkdirSync(source, { recursive: true });
  const made: PromisedTable["steps"][number][] = [];
  const copies: Buffer[] = [];
  for (const [at, { copied, written }] of steps.entries()) {
    const arrive = (file: string, bytes: Buffer): string => {
      const path = join(source, `${at}-${basename(file)}`);
      writeFileSync(path, bytes);
      utimesSync(path, FIRST_ARRIVAL, FIRST_ARRIVAL);
      return path;
    };
    const large = copied.map((file) => paddedParquet(readFileSync(file)));
    copies.push(...large);
    const added = [
      ...copied.map((file, i) => arrive(file, large[i]!)),
      ...written.map((file) => arrive(file, readFileSync(file))),
    ];
    const { versions } = await ingest([source, table, "--format", "parquet"]);
    assert.equal(versions.length, 1);
    made.push({ version: versions[0]!, added });
  }
  const data = readdirSync(table).filter((file) => file.endsWith(".parquet"));
  const contents = data.map((file) => readFileSync(join(table, file)));
  assert.equal(
    copies.filter((copy) => contents.some((content) => content.equals(copy))).length,
    copies.length,
  );
  const written = steps.filter((step) => step.written.length > 0).length;
  assert.equal(data.length, copies.length + written);
  return { table, format: "parquet", steps: made };
}

/** Seconds since 1970, in the past: no file has to be waited for. */
const FIRST_ARRIVAL = 1_760_000_000;
