/** fastavro, lxml and Python write and read files of every type, and delta-rs reads the same rows from the tables made of them. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertSameRows } from "../support/inputs-as-table.ts";
import { judgeMissing, startJudge, type JudgeRows } from "../support/judge.ts";
import { ingest } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const skip = judgeMissing("delta-rs", "formats");

/** The rows without the column of rescued values, in which nothing stands. */
function nothingRescued(rows: JudgeRows["rows"]): JudgeRows["rows"] {
  return rows.map(({ _rescued_data: rescued, ...row }) => {
    assert.equal(rescued, null);
    return row;
  });
}

test("Avro of every type and codec: delta-rs reads what fastavro reads", { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const source = join(folder, "in");
  mkdirSync(source);
  const formats = startJudge("formats", t);
  const { files } = await formats.request<{ readonly files: readonly string[] }>({
    op: "write",
    format: "avro",
    folder: source,
    seed: 7,
    rows: 300,
  });
  await ingest([source, join(folder, "table")]);
  const { rows } = await startJudge("delta-rs", t).request({ op: "read", table: join(folder, "table") });
  const wanted = await formats.request({ op: "read", format: "avro", files });
  assert.equal(rows.length, 1500);
  assert.deepEqual(nothingRescued(rows), wanted.rows);
});

test("Avro by a reader's schema: delta-rs reads what fastavro resolves", { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const source = join(folder, "in");
  mkdirSync(source);
  const formats = startJudge("formats", t);
  const write = { op: "write", format: "avro", folder: source, seed: 8, rows: 100 };
  const { files } = await formats.request<{ readonly files: readonly string[] }>(write);
  const schema = {
    type: "record",
    name: "Row",
    namespace: "landfall.judge",
    fields: [
      { name: "late", type: ["null", "long"], default: null },
      { name: "row_id", type: "long" },
      { name: "text", aliases: ["s"], type: "string" },
      { name: "i", type: ["null", "long"] },
      { name: "f", type: "double" },
      { name: "s_null", type: ["null", "string"] },
      { name: "by", type: "bytes" },
      { name: "e", type: { type: "enum", name: "Colour", symbols: ["other", "green"], default: "other" } },
      { name: "micros", type: { type: "long", logicalType: "timestamp-micros" } },
      { name: "clock", type: { type: "int", logicalType: "time-millis" } },
      { name: "list", type: { type: "array", items: ["null", "bytes"] } },
      {
        name: "rec",
        type: {
          type: "record",
          name: "Inner",
          fields: [
            { name: "new", type: "string", default: "é" },
            { name: "x", type: "bytes" },
          ],
        },
      },
    ],
  };
  await ingest([source, join(folder, "table"), "--avro-schema", JSON.stringify(schema)]);
  const { rows } = await startJudge("delta-rs", t).request({ op: "read", table: join(folder, "table") });
  const wanted = await formats.request({ op: "read", format: "avro", files, schema });
  assert.equal(rows.length, 500);
  assert.deepEqual(nothingRescued(rows), wanted.rows);
});

test("XML of several shapes and encodings: delta-rs reads what lxml reads", { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const source = join(folder, "in");
  mkdirSync(source);
  const formats = startJudge("formats", t);
  const { files } = await formats.request<{ readonly files: readonly string[] }>({
    op: "write",
    format: "xml",
    folder: source,
    seed: 7,
    rows: 300,
  });
  await ingest([source, join(folder, "table"), "--xml-row-tag", "row"]);
  const read = await startJudge("delta-rs", t).request({ op: "read", table: join(folder, "table") });
  const { rows } = await formats.request({ op: "read", format: "xml", files, rowTag: "row" });
  nothingRescued(read.rows);
  assertSameRows({ inputs: rows, table: read.rows });
  const types = Object.fromEntries(read.schema.map(({ name, type }) => [name, type]));
  assert.deepEqual(
    ["_id", "n", "x", "at", "day", "ok", "text"].map((name) => types[name]),
    ["long", "long", "double", "timestamp", "date", "boolean", "string"],
  );
});

test("text and binary files: delta-rs reads what Python reads", { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const source = join(folder, "in");
  mkdirSync(source);
  writeFileSync(join(source, "a.txt"), 'one\r\ntwo\n\n007\rlast, ü \u0000 \\ "q"');
  writeFileSync(join(source, "b.txt"), "\ufeff2024-01-01\n\n");
  writeFileSync(join(source, "c.txt"), "");
  for (const name of readdirSync(source)) utimesSync(join(source, name), 1.5, 1_700_000_000.123457);
  const files = readdirSync(source).map((name) => join(source, name));
  const formats = startJudge("formats", t);
  const deltaRs = startJudge("delta-rs", t);
  for (const format of ["text", "binaryFile"]) {
    const table = join(folder, format);
    await ingest([source, table, "--format", format]);
    const { rows } = await deltaRs.request({ op: "read", table });
    const wanted = await formats.request({ op: "read", format, files });
    assert.deepEqual(nothingRescued(rows), wanted.rows, format);
  }
});
