/** Parquet that is copied whole: killed on the way, in a table that asks for more, and beside what does not fit. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { holdAt, idsOf, ingestEnds, place, type Place } from "../support/hard-case.ts";
import { paddedParquet } from "../support/padded-parquet.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { writeParquetFile } from "../support/write-parquet-file.ts";

const NAME = ["--pipeline", "p", "--format", "parquet"];

async function arriveLarge({ source, folder }: Place, name: string, select: string): Promise<Buffer> {
  const path = join(folder, name);
  await writeParquetFile(path, select);
  const bytes = paddedParquet(readFileSync(path));
  writeFileSync(join(source, name), bytes);
  return bytes;
}

/** The data files that lie in the table, live or not. */
function dataFiles({ table }: Place): Buffer[] {
  const names = readdirSync(table).filter((name) => name.endsWith(".parquet"));
  return names.map((name) => readFileSync(join(table, name)));
}

async function assertProved({ table }: Place, rows: number): Promise<void> {
  const { code, stdout } = await runLandfall(["verify", table, "--data", "--json"]);
  assert.equal(code, 0, stdout);
  const { findings, checked } = JSON.parse(stdout) as {
    readonly findings: readonly unknown[];
    readonly checked: { readonly rows: number };
  };
  assert.deepEqual(findings, []);
  assert.equal(checked.rows, rows);
}

for (const point of ["stage.read:1", "stage.manifest:1", "stage.datafile:1", "commit.after:1"]) {
  test(`killed at ${point.split(":")[0]}, a copied file is in the table once, and a rebuilt ledger says so`, async (t) => {
    const where = place(t);
    const bytes = await arriveLarge(where, "a.parquet", "SELECT i AS id FROM range(5) r(i)");
    const args = ["ingest", where.source, where.table, ...NAME];
    const held = await holdAt(t, { point, args, folder: where.folder });
    held.child.kill("SIGKILL");
    await held.ended;
    await ingestEnds([where.source, where.table, ...NAME], { code: 0 });
    assert.deepEqual(await idsOf(where.table), ["0", "1", "2", "3", "4"]);
    rmSync(join(where.table, "_landfall/p/ledger.db"));
    await ingestEnds([where.source, where.table, ...NAME], { code: 0 });
    await assertProved(where, 5);
    const files = dataFiles(where);
    assert.ok(files.some((file) => file.equals(bytes)));
    assert.equal(files.length, 1);
  });
}

test("a copied file that lacks a column which must not be null is refused, as a written one is", async (t) => {
  const where = place(t);
  const columns = ["--columns", "id BIGINT, must STRING NOT NULL"];
  await arriveLarge(where, "a.parquet", "SELECT 1::BIGINT AS id, 'x' AS must");
  await ingestEnds([where.source, where.table, ...NAME, ...columns], { code: 0 });
  await arriveLarge(where, "b.parquet", "SELECT 2::BIGINT AS id");
  await ingestEnds([where.source, where.table, ...NAME, ...columns], {
    code: 2,
    error: "TABLE_SCHEMA_CONFLICT",
  });
  assert.deepEqual(await idsOf(where.table), ["1"]);
});

test("what lies in the source stays as it is, and the table's file is another", async (t) => {
  const where = place(t);
  const bytes = await arriveLarge(where, "a.parquet", "SELECT 1::BIGINT AS id");
  await ingestEnds([where.source, where.table, ...NAME], { code: 0 });
  const [name] = readdirSync(where.table).filter((file) => file.endsWith(".parquet"));
  const [copy, source] = [join(where.table, name!), join(where.source, "a.parquet")].map((path) =>
    statSync(path),
  );
  assert.notEqual(copy!.ino, source!.ino);
  writeFileSync(join(where.source, "a.parquet"), "overwritten in place");
  assert.ok(dataFiles(where)[0]!.equals(bytes));
});
