/** Parquet and Avro that are compressed, or stand in archives: each part a file of its own, the archive one arrival. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Schema } from "avsc";
import { tarOf, zipOf } from "../../test/support/archives.ts";
import { avroFile } from "../../test/support/avro-file.ts";
import { STAGE_LIMITS, stageContents, type Staged } from "../../test/support/stage-files.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { writeParquetFile } from "../../test/support/write-parquet-file.ts";
import { parseDdl } from "../schema/ddl.ts";
import type { ProvenanceField } from "../schema/provenance.ts";
import type { StageRequest } from "./engine.ts";

const engine = testEngine();

type Make = (t: TestContext, ids: readonly number[]) => Promise<Buffer>;

/** Files of one BIGINT column `id`. */
const FORMATS: readonly (readonly [format: "parquet" | "avro", make: Make])[] = [
  [
    "parquet",
    async (t, ids) => {
      const path = join(temporaryFolder(t), "made.parquet");
      await writeParquetFile(path, `SELECT unnest([${ids.join(", ")}]::BIGINT[]) id`);
      return readFileSync(path);
    },
  ],
  [
    "avro",
    async (_t, ids) => {
      const schema = { type: "record", name: "R", fields: [{ name: "id", type: "long" }] } as Schema;
      return avroFile(schema, { rows: [ids.map((id) => ({ id: BigInt(id) }))] });
    },
  ],
];

const provenance = (...fields: ProvenanceField[]): StageRequest["provenance"] =>
  fields.map((field) => ({ column: field, field }));

function countsAndReasons({ result }: Staged): unknown[] {
  return result.files.map(({ outcome, read, written, rescued, reason }) =>
    outcome === "committed" ? [read, written, rescued] : reason,
  );
}

for (const [format, make] of FORMATS) {
  const stage = (
    t: TestContext,
    files: Readonly<Record<string, Buffer>>,
    options: Partial<StageRequest> = {},
  ): Promise<Staged> => stageContents(engine, t, files, { format, ...options });

  test(`${format}: packed files and the members of archives are files of their own and count as one`, async (t) => {
    const members = [
      { name: "one", content: await make(t, [1, 2]) },
      { name: "sub/two é.gz", content: gzipSync(await make(t, [3_000_000_000])) },
      { name: "sub/_SUCCESS", content: "x" },
    ];
    const contents = {
      "a.zip": zipOf(members),
      "b.tgz": gzipSync(tarOf(members)),
      [`c.${format}.gz`]: gzipSync(await make(t, [5])),
      [`d.${format}.zst`]: zstdCompressSync(await make(t, [6])),
      [`e.${format}`]: await make(t, [7]),
      "f.zip": zipOf([]),
    };
    const staged = await stage(t, contents, {
      columns: parseDdl("id INT"),
      provenance: provenance("file_name", "file_size", "record_number"),
    });
    assert.deepEqual(countsAndReasons(staged), [
      [3, 3, 1],
      [3, 3, 1],
      [1, 1, 0],
      [1, 1, 0],
      [1, 1, 0],
      [0, 0, 0],
    ]);
    for (const [i, bytes] of Object.values(contents).entries())
      assert.equal(staged.result.files[i]!.bytes, bytes.length);
    const rows = staged.rows.map((text) => JSON.parse(text) as Record<string, unknown>);
    const told = rows.map((row) => [row["file_name"], row["record_number"], row["id"]].join(" "));
    assert.deepEqual(told.toSorted(), [
      ...["c", "d"].map((name, i) => `${name}.${format}.${["gz", "zst"][i]!} 1 ${i + 5}`),
      `e.${format} 1 7`,
      "one 1 1",
      "one 1 1",
      "one 2 2",
      "one 2 2",
      "two é.gz 1 ",
      "two é.gz 1 ",
    ]);
    const sizes = new Set(rows.filter((row) => row["file_name"] === "one").map((row) => row["file_size"]));
    assert.deepEqual(sizes, new Set([contents["a.zip"].length, contents["b.tgz"].length].map(String)));
    assert.deepEqual(
      rows.flatMap(({ _rescued_data: text }) => (typeof text === "string" ? text : [])).toSorted(),
      ["a.zip", "b.tgz"].map((name) => `{"id":3000000000,"_file_path":"${name}/sub/two%20%C3%A9.gz"}`),
    );
  });

  test(`${format}: an archive with one damaged member brings no row of any, and its reason names the member`, async (t) => {
    const good = await make(t, [1]);
    const damaged = [good.subarray(0, -9), Buffer.from("text"), Buffer.alloc(0)];
    const contents = Object.fromEntries([
      ...damaged.map((content, i) => [
        `${i}.zip`,
        zipOf([
          { name: "good", content: good },
          { name: "bad", content },
        ]),
      ]),
      ["x.tar", tarOf([{ name: "bad.gz", content: gzipSync(good).subarray(0, -3) }])],
      ["y.tar", tarOf([{ name: "bad.zip", content: zipOf([]) }])],
      ["z", good],
    ]) as Record<string, Buffer>;
    const staged = await stage(t, contents);
    assert.deepEqual(staged.rows, ['{"id":"1"}']);
    const reasons = countsAndReasons(staged).map(String);
    for (const reason of reasons.slice(0, 3)) assert.match(reason, /^zip: bad: (?:Parquet|Avro): /);
    assert.match(reasons[3]!, /bad\.gz: gzip: the file is truncated/);
    assert.match(reasons[4]!, /bad\.zip: .*is an archive \(zip\) in an archive/);
  });

  test(`${format}: what is packed is held to the limits on what it grows to`, async (t) => {
    const rows = await make(
      t,
      Array.from({ length: 100 }, (_, i) => i),
    );
    const contents = { "a.gz": gzipSync(rows), "b.zip": zipOf([{ name: "x", content: rows }]) };
    const staged = await stage(t, contents, { limits: { ...STAGE_LIMITS, maxExpandedBytes: 100 } });
    for (const reason of countsAndReasons(staged)) assert.match(String(reason), /grows from .* past/);
    assert.deepEqual(staged.rows, []);
  });

  test(`${format}: rows that break a rule are rejected by the member that they stand in`, async (t) => {
    const contents = { "a.zip": zipOf([{ name: "m", content: await make(t, [1, -2]) }]) };
    const { result, rows } = await stage(t, contents, { expect: [{ name: "positive", sql: "id > 0" }] });
    assert.deepEqual(rows, ['{"id":"1"}']);
    assert.deepEqual([result.files[0]!.written, result.files[0]!.rejected], [1, 1]);
    assert.equal(result.rejects!.rows, 1);
  });
}

test("parquet: a member that turns out damaged while it is read quarantines its archive only", async (t) => {
  const path = join(temporaryFolder(t), "made.parquet");
  await writeParquetFile(path, "SELECT range a, md5(range::VARCHAR) b FROM range(20000)", "COMPRESSION zstd");
  const whole = readFileSync(path);
  const broken = Buffer.from(whole);
  broken.fill(0x55, 40, 4000);
  const good = { name: "good", content: whole };
  const contents = { "a.zip": zipOf([good, { name: "bad", content: broken }]), "b.zip": zipOf([good]) };
  const staged = await stageContents(engine, t, contents, { format: "parquet" });
  assert.match(String(countsAndReasons(staged)[0]), /^bad: Parquet: its data cannot be read/);
  assert.deepEqual(countsAndReasons(staged)[1], [20_000, 20_000, 0]);
});
