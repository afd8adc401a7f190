/** `verify --source` over inputs of many kinds: what is as it was is never called a fault, and what was compared is told. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { systemClock } from "../../src/base/clock.ts";
import { verifyTable, type VerifyResult } from "../../src/operate/verify/verify.ts";
import { copyStatistics } from "../support/duckdb-parquet.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { ingest, land, viewOf } from "../support/small-pipeline.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";

const engine = testEngine();

async function ingested(
  t: TestContext,
  files: Readonly<Record<string, string | Buffer>>,
  set: Readonly<Record<string, string>> = {},
): Promise<{ readonly folder: string; verify: () => Promise<VerifyResult> }> {
  const folder = temporaryFolder(t);
  land(join(folder, "in"), files);
  const table = join(folder, "table");
  await ingest({ source: join(folder, "in"), table, set });
  const view = viewOf({ table, engine, scratchFolder: folder });
  return { folder, verify: () => verifyTable(view, { clock: systemClock, source: { engine } }) };
}

const faults = ({ findings }: VerifyResult): unknown[] => findings.filter(({ level }) => level === "fault");

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constantFrom(
    "2024-02-29",
    "2024-02-29T01:02:03Z",
    "2024-02-29 01:02:03.123456+02:00",
    "2024-02-29T01:02:03",
    "NaN",
    "",
  ),
);
const value = fc.oneof(
  { weight: 5, arbitrary: scalar },
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom("x", "y", "X", "z z"), scalar, { maxKeys: 3 }),
);
/** Columns that mostly hold one kind, so that some are compared and some hold everything. */
const row = fc.record(
  {
    id: fc.integer(),
    name: fc.string({ maxLength: 5 }),
    at: fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((date) => date.toISOString()),
    ratio: fc.double({ noNaN: true, noDefaultInfinity: true }),
    tags: fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }),
    place: fc.record({ lat: fc.double({ min: -90, max: 90, noNaN: true }), lon: fc.integer() }),
    any: value,
    Name: value,
    file_name: scalar,
  },
  { requiredKeys: ["id"] },
);

function jsonOf(data: unknown): string {
  if (typeof data === "bigint") return String(data);
  if (Array.isArray(data)) return `[${data.map(jsonOf).join(",")}]`;
  if (typeof data !== "object" || data === null) return Object.is(data, -0) ? "-0.0" : JSON.stringify(data);
  return `{${Object.entries(data)
    .map(([key, inner]) => `${JSON.stringify(key)}:${jsonOf(inner)}`)
    .join(",")}}`;
}

test("whatever JSON holds, what is as it was is no fault", async (t) => {
  const rows = fc.sample(row, 600);
  const files: Record<string, string> = {};
  for (let i = 0; i < 30; i++) {
    const some = rows.slice(i * 20, i * 20 + 20).map((one) => `${jsonOf(one)}\n`);
    files[`${i}.json`] = `${some.join("")}${i % 5 === 0 ? "\n  \n{broken\n" : ""}`;
  }
  const { verify } = await ingested(t, files);
  const result = await verify();
  assert.deepEqual(faults(result), []);
  assert.equal(result.checked.source!.files, 30);
  assert.equal(result.checked.source!.records, 606);
  assert.equal(result.checked.source!.rows, 600);
});

test("packed JSON is compared, too; another layout is not counted", async (t) => {
  const lines = '{"a":1}\n{"a":2}\n';
  const { verify } = await ingested(t, {
    "a.json.gz": Buffer.concat([gzipSync(lines), gzipSync(lines)]),
    "b.json.zst": zstdCompressSync(Buffer.from(lines)),
    "c.json": '\ufeff{"a":3}',
    "d.json": '[{"a":1},{"a":2}]\n',
    "e.json": "",
    "f.json": '{\n "a": 1\n}\n',
  });
  const result = await verify();
  assert.deepEqual(faults(result), []);
  assert.deepEqual(
    result.findings.map(({ code, what }) => [code, what.slice(0, 8)]),
    [["SOURCE_NOT_COUNTED", "1 file i"]],
  );
  assert.deepEqual([result.checked.source!.files, result.checked.source!.records], [6, 9]);
});

test("CSV is counted by its quotes", async (t) => {
  const { verify } = await ingested(t, {
    "a.csv": 'id,text\r\n1,"a\nb"\r\n\r\n2,"say ""hi"", twice"\r\n3,x""y\r\n',
    "b.csv": "id,text\n",
    "c.csv": 'id,text\n1,""\n2,"\n"',
    "d.csv.gz": gzipSync("id,text\n7,z"),
  });
  const result = await verify();
  assert.deepEqual(result.findings, []);
  assert.deepEqual([result.verdict, result.checked.source!.records], ["proved", 6]);
});

const CSV_READINGS: readonly {
  readonly what: string;
  readonly set: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly records: number;
}[] = [
  {
    what: "semicolons, with line ends in quotes that only they open",
    set: { "csv.sep": ";" },
    files: { "a.csv": 'id;text\n1;"a\nb"\n2;"c\n"\n', "b.csv": 'id;text\n3;x,"y\n' },
    records: 3,
  },
  {
    what: "another quote, and an escape before it",
    set: { "csv.quote": "'", "csv.escape": "\\" },
    files: { "a.csv": "id,text\n1,'it\\'s\nhere'\n2,'a\\\\'\n3,\"\n" },
    records: 3,
  },
  { what: "no quote", set: { "csv.quote": "" }, files: { "a.csv": 'id,text\n1,"\n2,"\n' }, records: 2 },
  {
    what: "no header, and lines that are no records",
    set: { "csv.header": "false", "csv.skipRows": "2", "csv.comment": "#" },
    files: { "a.csv": 'made "today\r\n\r\n1,a\r\n# 2,"b\r\n\r\n3,c\r\n' },
    records: 2,
  },
  {
    what: "line ends that end every record",
    set: { "csv.multiLine": "false" },
    files: { "a.csv": 'id,text\n1,"a\n2,"b"\n' },
    records: 2,
  },
  {
    what: "UTF-16, by its mark and by the option",
    set: { "csv.encoding": "UTF-16LE" },
    files: { "a.csv": Buffer.from('id,text\n1,"\u0a0a\nü"\n2,b\n', "utf16le") },
    records: 2,
  },
  {
    what: "a format that the names do not tell",
    set: { "source.format": "csv", "csv.sep": "|" },
    files: { "a.dat": "\ufeffid|text\n1|a\n", "b.dat": "id|text\n2|b" },
    records: 2,
  },
  {
    what: "Latin-1",
    set: { "csv.encoding": "ISO-8859-1" },
    files: { "a.csv": Buffer.from("id,text\n1,\xe4\n", "latin1") },
    records: 1,
  },
];

for (const { what, set, files, records } of CSV_READINGS) {
  test(`CSV is counted as its pipeline reads it: ${what}`, async (t) => {
    const { verify } = await ingested(t, files, set);
    const result = await verify();
    assert.deepEqual(result.findings, []);
    assert.deepEqual([result.verdict, result.checked.source!.records], ["proved", records]);
  });
}

test("JSON is counted, and its lines compared, as its pipeline reads it", async (t) => {
  const counted = async (
    files: Readonly<Record<string, string | Buffer>>,
    set: Readonly<Record<string, string>>,
  ): Promise<unknown[]> => {
    const { findings, checked } = await (await ingested(t, files, set)).verify();
    return [findings.map(({ code }) => code), checked.source!.records, checked.source!.rows];
  };
  const document = '{"data": {"items": [\n{"a":1},\n{"a":2}]}, "next": null}';
  assert.deepEqual(await counted({ "a.json": document }, { "json.jsonPath": "$.data.items" }), [[], 2, 0]);
  assert.deepEqual(await counted({ "a.json": '{\n"a":1\n}\n' }, { "json.multiLine": "true" }), [[], 1, 0]);
  assert.deepEqual(await counted({ "a.json": '[\n{"a":1}]\n' }, { "json.multiLine": "true" }), [[], 1, 0]);
  const lines = { "a.dat": Buffer.from('{"a":"ü"}\n{"a":"b"}\n', "utf16le") };
  const set = { "source.format": "json", "json.encoding": "UTF-16LE", "json.multiLine": "false" };
  assert.deepEqual(await counted(lines, set), [[], 2, 2]);
});

test("an option that no other means stand in for is told by its name", async (t) => {
  const set = { "csv.sep": "||", "csv.nullValue": "-" };
  const { verify } = await ingested(t, { "a.csv": "id||text\n1||a\n" }, set);
  const { findings, verdict } = await verify();
  assert.equal(verdict, "unprovable");
  assert.deepEqual(
    findings.map(({ code, what }) => [code, what]),
    [
      [
        "SOURCE_NOT_COUNTED",
        "Records not compared: 1 file was read with the option csv.sep, which is not honoured by other means. The bytes are those that were read.",
      ],
    ],
  );
});

test("a row of CSV by semicolons that was lost, in all that speaks of it, is found by its input alone", async (t) => {
  const content = `id;text\n${Array.from({ length: 9 }, (_, i) => `${i};"a\n${i}"\n`).join("")}`;
  const { folder, verify } = await ingested(t, { "a.csv": content }, { "csv.sep": ";" });
  const table = join(folder, "table");
  const [name] = readdirSync(table).filter((file) => file.endsWith(".parquet"));
  const data = join(table, name!);
  const before = statSync(data).size;
  const fresh = join(folder, "rewritten.parquet");
  await copyStatistics(fresh, `SELECT * FROM '${data}' WHERE id <> 4`);
  renameSync(fresh, data);
  const after = statSync(data).size;
  const state = join(table, "_landfall", readdirSync(join(table, "_landfall"))[0]!);
  const batches = join(state, "batches");
  const [manifest, mark] = ["json", "done.json"].map((ending) =>
    join(
      batches,
      readdirSync(batches).find((file) => file.replace(/^[^.]*\./, "") === ending)!,
    ),
  );
  const edit = (path: string, changes: readonly (readonly [string, string])[]): void =>
    writeFileSync(
      path,
      changes.reduce(
        (text, [from, to]) => {
          assert.ok(text.includes(from), `${from} in ${path}`);
          return text.replaceAll(from, to);
        },
        readFileSync(path, "utf8"),
      ),
    );
  const hash = (): string => createHash("sha256").update(readFileSync(manifest!)).digest("hex");
  const old = hash();
  edit(manifest!, [
    ['"read":9,"written":9', '"read":8,"written":8'],
    [`"rows":9,"bytes":${before}`, `"rows":8,"bytes":${after}`],
  ]);
  edit(mark!, [[old, hash()]]);
  edit(join(table, "_delta_log/00000000000000000000.json"), [
    [old, hash()],
    ['\\"numRecords\\":9', '\\"numRecords\\":8'],
    [`"size":${before}`, `"size":${after}`],
  ]);
  const db = new DatabaseSync(join(state, "ledger.db"));
  db.exec("UPDATE arrivals SET nread = 8; UPDATE totals SET nread = nread - 1, written = written - 1");
  db.close();
  const found = await verify();
  assert.deepEqual(
    found.findings.map(({ level, code }) => `${level} ${code}`),
    ["fault SOURCE_RECORDS_DIFFER"],
  );
});

test("an archived file is read where it lies now, and one that was taken from there is gone", async (t) => {
  const folder = temporaryFolder(t);
  land(join(folder, "in"), { "ü 1.json": '{"a":1}\n', "b.json": '{"a":2}\n' });
  const run = await runLandfall(["ingest", "in", "table", "--archive-to", "archive"], { cwd: folder });
  assert.equal(run.code, 0, run.stderr);
  const view = viewOf({ table: join(folder, "table"), engine, scratchFolder: folder });
  const verify = (): Promise<VerifyResult> => verifyTable(view, { clock: systemClock, source: { engine } });
  const first = await verify();
  assert.deepEqual([first.verdict, first.checked.source!.rows], ["proved", 2]);
  mkdirSync(join(folder, "elsewhere"));
  renameSync(join(folder, "archive", "b.json"), join(folder, "elsewhere", "b.json"));
  const second = await verify();
  assert.deepEqual(
    second.findings.map(({ code }) => code),
    ["SOURCE_FILE_GONE", "ARCHIVED_FILE_GONE"],
  );
});
