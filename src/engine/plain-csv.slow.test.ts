/** What the engine reads of CSV files as they lie there is what the scanner makes of them record by record. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { csvFormats } from "../../test/support/csv-scans.ts";
import { type FileContents, stageRequest, tableOf, writeFiles } from "../../test/support/stage-files.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { parseDdl } from "../schema/ddl.ts";
import { formatDdl } from "../schema/format-ddl.ts";
import type { StageRequest, StageResult } from "./engine.ts";
import { SMALL_FILE_BYTES } from "./route-files.ts";

const engine = testEngine({ memoryBytes: 1024 ** 3 });

interface Staged {
  readonly result: StageResult;
  readonly ddl: string;
  /** Whether a file was read as it lies there, and whether one was made into lines first. */
  readonly direct: boolean;
  readonly prepared: boolean;
  /** Each different row with its count, and the statistics of the data files. */
  readonly rows: readonly unknown[];
}

async function stage(
  t: Pick<TestContext, "after">,
  contents: FileContents,
  options: Partial<StageRequest> = {},
): Promise<Staged> {
  const folder = temporaryFolder(t);
  const request = stageRequest(folder, { format: "csv", files: writeFiles(folder, contents), ...options });
  const result = await engine.stage(request);
  const inputs = readdirSync(join(request.scratchFolder, "inputs"));
  const { rows } = await engine.query({
    sql: "SELECT *, count(*) FROM batch GROUP BY ALL ORDER BY ALL",
    tables: [tableOf(result)],
    limit: 100_000,
  });
  return {
    result,
    ddl: formatDdl(result.schema).replaceAll(/ COMMENT '[^']*'/g, ""),
    direct: inputs.some((name) => name.endsWith(".csv") || name.endsWith(".plain")),
    prepared: inputs.some((name) => name.startsWith("prepared-")),
    rows,
  };
}

/** A body repeated until the file is no small one. */
function large(header: string, body: string): string {
  return header + body.repeat(Math.ceil((SMALL_FILE_BYTES + 1) / Buffer.byteLength(body)));
}

/** Stages a file twice: as it is, and with an empty line at its end, with which it is never read as it lies there. */
async function bothWays(
  t: Pick<TestContext, "after">,
  content: string,
  options: Partial<StageRequest> = {},
): Promise<{ readonly asItIs: Staged; readonly made: Staged }> {
  const asItIs = await stage(t, { "a.csv": content }, options);
  const made = await stage(t, { "a.csv": `${content}\n\n` }, options);
  assert.deepEqual([made.direct, made.prepared], [false, true]);
  return { asItIs, made };
}

function assertSame({ asItIs, made }: { readonly asItIs: Staged; readonly made: Staged }): void {
  assert.equal(asItIs.ddl, made.ddl);
  assert.deepEqual(asItIs.rows, made.rows);
  const counts = ({ result }: Staged): unknown =>
    result.files.map(({ outcome, read, written, rescued, rejected }) => [
      outcome,
      read,
      written,
      rescued,
      rejected,
    ]);
  assert.deepEqual(counts(asItIs), counts(made));
}

const HEADER = "id,name,at,day,local,ok,x,big,empty,Name 2\n";
const BODY = [
  '1,plain,2024-01-02T03:04:05Z,2024-02-29,2024-01-02 03:04:05,true,1.5,9223372036854775807,,"quoted, comma"',
  '-2,"say ""hi""",2024-01-02T03:04:05.123456+02:00,0001-01-01,2024-07-01T00:00:00.1,FALSE,-0.0,-9223372036854775808,,""',
  '"3"," q ",2024-01-02 03:04:05.5-05:30,9999-12-31,0001-01-01 00:00:00,tRuE,1e5,0,,é中😀',
  "0,,,,,,0.1,,,\\",
  "127,  blanks  ,9999-12-31T23:59:59.999999Z,1970-01-01,9999-12-31 23:59:59.999999,False,2.5E-10,9007199254740993,,007",
  ',"""",,,,,123456789012345,,,NULL',
  ",\t,,,,,9007199254740992,,,nan\n",
].join("\n");

test("a large clean file is read as it lies there, to the same rows", async (t) => {
  for (const timeZone of ["UTC", "America/New_York"]) {
    const both = await bothWays(t, large(HEADER, BODY), { timeZone });
    assert.deepEqual([both.asItIs.direct, both.asItIs.prepared], [true, false]);
    assertSame(both);
    assert.match(
      both.asItIs.ddl,
      /id BIGINT, name STRING, at TIMESTAMP, day DATE, local TIMESTAMP, ok BOOLEAN, x DOUBLE, big BIGINT/,
    );
    assert.equal(both.asItIs.rows.length, 7);
  }
});

test("the same into columns of other types, and with line ends, separators and headers of other kinds", async (t) => {
  const ddl =
    "id INT, x DOUBLE, name STRING, big DECIMAL(20,0), ok BOOLEAN, local TIMESTAMP_NTZ, day STRING, at TIMESTAMP, more STRUCT<a: INT>, `Name 2` STRING";
  const columns = parseDdl(ddl);
  const crlf = large(HEADER, BODY).replaceAll("\n", "\r\n");
  const asText = parseDdl(
    "id STRING, name STRING, at STRING, day STRING, local STRING, ok STRING, x STRING, big STRING, `Name 2` STRING",
  );
  assertSame(await bothWays(t, crlf, { columns }));
  for (const options of [
    { columns: asText },
    {
      columns: parseDdl(
        "name STRING, id BIGINT, x DOUBLE, at TIMESTAMP, day DATE, local TIMESTAMP, ok BOOLEAN, big BIGINT, `Name 2` STRING, none STRING",
      ),
    },
  ]) {
    const both = await bothWays(t, crlf, options);
    assert.deepEqual([both.asItIs.direct, both.asItIs.prepared], [true, false]);
    assertSame(both);
  }
  const semicolons = await bothWays(t, large("a;b\n", '1;"x;y"\n2;3,4\n'), {
    formats: csvFormats({ sep: ";" }),
  });
  assert.equal(semicolons.asItIs.direct, true);
  assertSame(semicolons);
  const headless = await bothWays(t, large("", '1,"x,y"\n2,3\n'), { formats: csvFormats({ header: false }) });
  assert.equal(headless.asItIs.direct, true);
  assertSame(headless);
});

test("columns of DECIMAL, and names in another case, are held without loss on the way through the engine", async (t) => {
  const body = "1.10,-0.5,123456789012345678901.123456789,x\n-99.99,1234567.25,-0.000000001,y\n,,,\n";
  const decimals = await bothWays(t, large("a,b,c,d\n", body), { prefersDecimal: true });
  assert.match(decimals.asItIs.ddl, /a DECIMAL\(4,2\), b DECIMAL\(9,2\), c DECIMAL\(30,9\), d STRING/);
  assert.equal(decimals.asItIs.direct, true);
  assertSame(decimals);
  const columns = parseDdl("A DOUBLE, b DOUBLE, C DECIMAL(38,9), D STRING, _rescued_data STRING");
  const cases = await bothWays(t, large("a,B,C,d\n", body), { columns, readerCaseSensitive: false });
  assertSame(cases);
  const narrow = await bothWays(t, large("a,b\n", "1.5,2\n"), {
    columns: parseDdl("a DECIMAL(3,1), b FLOAT, _rescued_data STRING"),
  });
  assertSame(narrow);
});

const oddities: readonly (readonly [string, string, Partial<StageRequest>?])[] = [
  ["a misfit", "1,x\n1.5,y\n", { columns: parseDdl("a BIGINT, b STRING, _rescued_data STRING") }],
  ["a value without a column", "1,x\n", { columns: parseDdl("a BIGINT, _rescued_data STRING") }],
  ["a record of one field", "1,x\n2\n"],
  ["a record of three fields", "1,x\n2,y,z\n"],
  ["an empty line", "1,x\n\n2,y\n"],
  ["a line of blanks", "1,x\n \t\n2,y\n"],
  ["a line end in quotes", '1,"x\ny"\n'],
  ["a carriage return in quotes", '1,"x\ry"\n'],
  ["a quote in an unquoted field", '1,5" pipe\n'],
  ["mixed line ends", "1,x\r\n2,y\n"],
  ["carriage returns alone", "1,x\r2,y\r"],
  ["text after a closing quote", '1,x\n2,"y"z\n'],
  ["a NUL", "1,x\0y\n"],
  ["a control character", "1,x\u001by\n"],
];

for (const [what, body, options] of oddities) {
  test(`a large file with ${what} is made into lines first`, async (t) => {
    const header = what === "carriage returns alone" ? "a,b\r" : "a,b\n";
    const { direct, prepared } = await stage(t, { "a.csv": large(header, body) }, options);
    assert.deepEqual([direct, prepared], [false, true]);
  });
}

test("a byte order mark, equal names, one column and names that differ by case keep a file from being read as it lies there", async (t) => {
  for (const content of [
    large("\ufeffa,b\n", "1,x\n"),
    large("a,a\n", "1,\n"),
    large("a\n", "12345\n"),
    large("a,A\n", "1,\n"),
    large("a,b\n", "1,x\n").trimEnd(),
  ]) {
    const { direct } = await stage(t, { "a.csv": content });
    assert.equal(direct, content.startsWith("a,b"), content.slice(0, 10));
  }
});

test("files of several headers, zipped, small and misfit ones go into one table together", async (t) => {
  const { result, ddl, direct, prepared, rows } = await stage(t, {
    "a.csv": large("id,name\n", "1,x\n"),
    "b[1]*.csv": large("id,name\n", "2,y\n"),
    "c.csv": large("name,extra,id\r\n", "z,1.5,3\r\n"),
    "d.csv": gzipSync(large("id,name\n", "4,zipped\n")),
    "e.csv": "name,id\nsmall,5\n",
    "f.tsv": large("id\tname\n", '6\t"a,b"\n'),
  });
  assert.deepEqual([direct, prepared], [true, true]);
  assert.equal(ddl, "id BIGINT, name STRING, extra DOUBLE, _rescued_data STRING");
  const counted = result.files.map((file) => file.written);
  assert.deepEqual(rows, [
    ["1", "x", null, null, String(counted[0])],
    ["2", "y", null, null, String(counted[1])],
    ["3", "z", 1.5, null, String(counted[2])],
    ["4", "zipped", null, null, String(counted[3])],
    ["5", "small", null, null, "1"],
    ["6", "a,b", null, null, String(counted[5])],
  ]);
  assert.equal(
    result.dataFiles.reduce((total, file) => total + file.rows, 0),
    counted.reduce((a, b) => a + b, 0),
  );
});

const cell = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 6 }).map((text) => text.replaceAll(/[\0-\x1f]/g, "")),
  fc.stringMatching(/^[a", ;'\\0-9.+eE-]{0,8}$/),
  fc.constantFrom(
    "",
    "007",
    "1",
    "-0",
    "1.5",
    "1e400",
    "true",
    "TRUE",
    "t",
    "2024-01-02",
    "2024-01-02T03:04:05",
    "NULL",
    "nan",
    "inf",
    "\\N",
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
);

test("random clean tables come to the same rows and types both ways", async (t) => {
  let direct = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      fc.constantFrom("\n", "\r\n"),
      async (cells, always, lineEnd) => {
        const written = (text: string): string =>
          always || /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
        const lines = cells.map((row) => row.map(written).join(",") + lineEnd);
        const both = await bothWays(t, large(`a,b,c,d${lineEnd}`, lines.join("")));
        assertSame(both);
        if (both.asItIs.direct) direct += 1;
      },
    ),
    { numRuns: 8 },
  );
  assert.ok(direct > 0);
});
