/** `landfall init`: what it writes runs as it is, whatever lies in the source and whatever the folders are called. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { arrive, lines } from "../support/arrivals.ts";
import { avroFile } from "../support/avro-file.ts";
import type { RunDocument } from "../../src/operate/run-report.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { tableQueries } from "../support/table-queries.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { writeParquetFile } from "../support/write-parquet-file.ts";

const query = tableQueries();

const ROWS = [
  { id: 1, at: "2026-03-01T10:00:00Z", price: 1.5 },
  { id: 2, at: "2026-03-02T10:00:00Z", price: 2.25 },
];

interface InitDocument {
  readonly declaration: string;
  readonly format?: string;
  readonly files: number;
  readonly columns: readonly string[];
  readonly hints: readonly { readonly column: string; readonly type: string }[];
  readonly partitionBy?: readonly string[];
  readonly leftOut: readonly { readonly format: string; readonly files: number }[];
  readonly notes: readonly string[];
}

async function init(folder: string, ...args: string[]): Promise<InitDocument> {
  const { code, stdout, stderr } = await runLandfall(["init", ...args, "--json"], { cwd: folder });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as InitDocument;
}

/** Runs the declaration as it stands. */
async function run(folder: string, file = "pipeline.yaml"): Promise<RunDocument> {
  const { code, stdout, stderr } = await runLandfall(["run", file, "--json"], { cwd: folder });
  assert.equal(code, 0, `${stderr}\n${readFileSync(join(folder, file), "utf8")}`);
  return JSON.parse(stdout) as RunDocument;
}

/** Takes the marks of comments off the lines that begin with these words. */
function uncomment(file: string, ...begins: readonly string[]): void {
  const text = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => {
      const bare = line.replace(/^(\s*)# /, "$1");
      return begins.some((begin) => bare.trim().startsWith(begin)) ? bare : line;
    });
  writeFileSync(file, text.join("\n"));
}

const AVRO = avroFile(
  {
    type: "record",
    name: "r",
    fields: [
      { name: "id", type: "long" },
      { name: "name", type: "string" },
    ],
  },
  {
    rows: [
      [
        { id: 1n, name: "a" },
        { id: 2n, name: "b" },
      ],
    ],
  },
);

const FORMATS: readonly {
  readonly name: string;
  readonly format: string;
  readonly file: string;
  readonly content: string | Buffer;
  readonly columns: readonly string[];
}[] = [
  {
    name: "JSON lines",
    format: "json",
    file: "a.ndjson",
    content: lines(...ROWS),
    columns: ["id BIGINT", "at TIMESTAMP", "price DOUBLE"],
  },
  {
    name: "a JSON array",
    format: "json",
    file: "a.json",
    content: JSON.stringify(ROWS, undefined, 2),
    columns: ["id BIGINT", "at TIMESTAMP", "price DOUBLE"],
  },
  {
    name: "CSV",
    format: "csv",
    file: "a.csv",
    content: "id,name\n1,a\n2,b\n",
    columns: ["id BIGINT", "name STRING"],
  },
  {
    name: "CSV with semicolons",
    format: "csv",
    file: "a.csv",
    content: "id;name\n1;a\n2;b\n",
    columns: ["id BIGINT", "name STRING"],
  },
  {
    name: "CSV that is no UTF-8",
    format: "csv",
    file: "a.csv",
    content: Buffer.from("id;name\n1;\u00e4\n2;b\n", "latin1"),
    columns: ["id BIGINT", "name STRING"],
  },
  {
    name: "CSV without a header",
    format: "csv",
    file: "a.csv",
    content: "1,a\n2,b\n",
    columns: ["_c0 BIGINT", "_c1 STRING"],
  },
  {
    name: "TSV",
    format: "csv",
    file: "a.tsv",
    content: "id\tname\n1\ta\n2\tb\n",
    columns: ["id BIGINT", "name STRING"],
  },
  { name: "Avro", format: "avro", file: "a.avro", content: AVRO, columns: ["id BIGINT", "name STRING"] },
  {
    name: "XML",
    format: "xml",
    file: "a.xml",
    content: "<?xml version='1.0'?><orders><order><id>1</id></order><order><id>2</id></order></orders>",
    columns: ["id BIGINT"],
  },
  {
    name: "text",
    format: "text",
    file: "a.log",
    content: 'one line\nanother: "line"\n',
    columns: ["value STRING"],
  },
  {
    name: "gzip without an ending",
    format: "json",
    file: "part-0",
    content: gzipSync(lines(...ROWS)),
    columns: ["id BIGINT", "at TIMESTAMP", "price DOUBLE"],
  },
];

for (const { name, format, file, content, columns } of FORMATS) {
  test(`${name}: what init writes runs as it is`, async (t) => {
    const folder = temporaryFolder(t);
    arrive(join(folder, "in", file), content);
    const told = await init(folder, "in");
    assert.deepEqual([told.format, told.files, told.columns], [format, 1, columns]);
    const ran = await run(folder);
    assert.deepEqual([ran.rows.written, ran.rows.rejected, ran.rows.rescued], [2, 0, 0]);
  });
}

test("Parquet: what init writes runs as it is", async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "in"));
  await writeParquetFile(join(folder, "in/a.parquet"), "SELECT 1::BIGINT AS id, DATE '2026-03-01' AS day");
  const told = await init(folder, "in");
  assert.deepEqual(
    [told.format, told.columns, told.partitionBy],
    ["parquet", ["id BIGINT", "day DATE"], ["day"]],
  );
  assert.equal((await run(folder)).rows.written, 1);
});

const ODD_FOLDERS = [`it's "here" #1: in`, "{x} & [y]*", "a: b", "ümläut	here"];

test("folders of any name: YAML takes them as they are", async (t) => {
  for (const odd of ODD_FOLDERS) await runInOddFolder(t, odd);
});

async function runInOddFolder(t: TestContext, odd: string): Promise<void> {
  const folder = temporaryFolder(t);
  arrive(join(folder, odd, "a b #1.json"), lines({ id: 1, "k: #": 'x"' }));
  await init(folder, odd, "--out", "p.yaml");
  assert.equal((await run(folder, "p.yaml")).rows.written, 1, odd);
}

test("what looks like a marker is suggested, and holds once it is taken in", async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in/a.json"), '{"id":1}\n');
  writeFileSync(join(folder, "in/a.json.done"), "");
  writeFileSync(join(folder, "in/b.json"), '{"id":2}\n');
  await init(folder, "in");
  uncomment(join(folder, "pipeline.yaml"), "marker:");
  assert.equal((await run(folder)).files.committed, 1);
});

test("a glob below a folder whose name is one: both are meant as typed", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in[1]", "a.csv"), "id\n1\n");
  arrive(join(folder, "in[1]", "b.json"), lines({ id: 2 }));
  await init(folder, "in\\[1\\]/*.csv");
  assert.equal((await run(folder)).rows.written, 1);
});

test("several formats: the most frequent one is read, the others stand in comments", async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ["a.json", "b.jsonl", "c.json.gz"])
    arrive(join(folder, "in", name), name.endsWith("gz") ? gzipSync(lines({ id: 1 })) : lines({ id: 1 }));
  arrive(join(folder, "in/d.csv"), "id\n2\n");
  const told = await init(folder, "in");
  assert.deepEqual([told.format, told.leftOut], ["json", [{ format: "csv", files: 1 }]]);
  const text = readFileSync(join(folder, "pipeline.yaml"), "utf8");
  assert.match(text, /pathGlobFilter: "\*\{\.json,\.json\.gz,\.jsonl\}"/);
  assert.match(text, /# left out: 1 file of format csv \("\*\.csv"\)/);
  assert.equal((await run(folder)).rows.written, 3);
});

test("suggestions hold: uncommented, they run and rescue nothing", async (t) => {
  const folder = temporaryFolder(t);
  const records = [
    {
      id: 1,
      price: 1.5,
      at: "2026-03-01T10:00:00Z",
      seen: "2026-03-01",
      count: "12",
      zip: "01234",
      mixed: 1,
    },
    {
      id: 2,
      price: 2.25,
      at: "2026-03-02T10:00:00Z",
      seen: "2026-03-01 10:00",
      count: "7",
      zip: "9",
      mixed: "x",
    },
  ];
  arrive(join(folder, "in/year=2026/a.json"), lines(...records));
  const told = await init(folder, "in");
  assert.deepEqual(
    told.hints.map(({ column, type }) => `${column} ${type}`),
    ["price DECIMAL(18,2)"],
  );
  assert.deepEqual(told.partitionBy, ["date(at)"]);
  const text = readFileSync(join(folder, "pipeline.yaml"), "utf8");
  assert.match(text, /^# {3}seen STRING {2}\(dates and times are mixed/m);
  assert.match(text, /^# {3}count STRING {2}\(numbers that are texts/m);
  assert.match(text, /^# {3}zip STRING$/m);
  assert.match(text, /^# {3}mixed STRING {2}\(numbers and other values are mixed/m);
  uncomment(join(folder, "pipeline.yaml"), "schema:", "hints:", "partitionBy:", "partitionColumns:");
  const ran = await run(folder);
  assert.deepEqual([ran.rows.written, ran.rows.rescued], [2, 0]);
  const rows = await query(
    join(folder, "in_table"),
    "SELECT price::VARCHAR, year, at_date::VARCHAR FROM t ORDER BY id",
  );
  assert.deepEqual(rows, [
    ["1.50", "2026", "2026-03-01"],
    ["2.25", "2026", "2026-03-02"],
  ]);
});

test("a file that is there is never overwritten", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1 }));
  writeFileSync(join(folder, "pipeline.yaml"), "mine\n");
  const { code, stderr } = await runLandfall(["init", "in"], { cwd: folder });
  assert.equal(code, 2);
  assert.match(stderr, /pipeline\.yaml is there already; init overwrites nothing\./);
  assert.equal(readFileSync(join(folder, "pipeline.yaml"), "utf8"), "mine\n");
});

test("nothing is written but the declaration", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1 }));
  await init(folder, "in");
  assert.deepEqual(
    readdirSync(folder, { recursive: true })
      .map(String)
      .toSorted((a, b) => (a < b ? -1 : 1)),
    ["in", "in/a.json", "pipeline.yaml"],
  );
});

test("an empty folder: a declaration that runs and finds nothing", async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "in"));
  const told = await init(folder, "in");
  assert.deepEqual([told.format, told.files], [undefined, 0]);
  assert.equal((await run(folder)).files.discovered, 0);
});

test("no source: a declaration to fill in, which names the folder that is missing", async (t) => {
  const folder = temporaryFolder(t);
  await init(folder);
  const first = await runLandfall(["run", "pipeline.yaml"], { cwd: folder });
  assert.equal(first.code, 3);
  assert.match(first.stderr, /error SOURCE_MISSING .*arrivals/);
  arrive(join(folder, "arrivals/a.json"), lines({ id: 1 }));
  assert.equal((await run(folder)).rows.written, 1);
});

test("a declaration in its own source does not become data", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1 }));
  await init(join(folder, "in"), ".");
  assert.equal((await run(join(folder, "in"))).files.discovered, 1);
  arrive(join(folder, "plain/a"), "one\n");
  const refused = await runLandfall(["init", "."], { cwd: join(folder, "plain") });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /would lie in its own source/);
  assert.equal(existsSync(join(folder, "plain/pipeline.yaml")), false);
});

test("a broken file is named, and the declaration is written all the same", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.parquet"), "PAR1 no more");
  const told = await init(folder, "in");
  assert.match(told.notes.join("\n"), /a\.parquet would be quarantined/);
  assert.deepEqual(told.columns, []);
});
