/** `verify --source` over inputs of many kinds: what is as it was is never called a fault, and what was compared is told. */
import assert from "node:assert/strict";
import { renameSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { systemClock } from "../../src/base/clock.ts";
import { verifyTable, type VerifyResult } from "../../src/operate/verify/verify.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { ingest, land, viewOf } from "../support/small-pipeline.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";

const engine = testEngine();

async function ingested(
  t: TestContext,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<{ readonly folder: string; verify: () => Promise<VerifyResult> }> {
  const folder = temporaryFolder(t);
  land(join(folder, "in"), files);
  const table = join(folder, "table");
  await ingest({ source: join(folder, "in"), table });
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
    [["SOURCE_NOT_COUNTED", "1 files "]],
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
