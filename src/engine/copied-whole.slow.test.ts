import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { fileOf, rowsOf, stageRequest } from "../../test/support/stage-files.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { writeParquetFile } from "../../test/support/write-parquet-file.ts";
import { statisticsJson } from "../delta/statistics.ts";
import { parseDdl } from "../schema/ddl.ts";
import { formatDdl } from "../schema/format-ddl.ts";
import type { StageRequest, StageResult } from "./engine.ts";

const engine = testEngine();

interface Staged {
  readonly result: StageResult;
  readonly rows: readonly string[];
  /** How many data files are, byte for byte, one of the inputs. */
  readonly copied: number;
}

interface Input {
  readonly select: string;
  /** COPY's. */
  readonly options?: string;
  readonly change?: (bytes: Buffer) => void;
}

/** The same files, twice: copied where they may be, and all written anew. */
async function stageBoth(
  t: Pick<TestContext, "after">,
  inputs: readonly Input[],
  options: Partial<StageRequest> = {},
): Promise<{ readonly copying: Staged; readonly writing: Staged }> {
  const folder = temporaryFolder(t);
  const names = inputs.map((_, i) => `${i}.parquet`);
  for (const [i, { select, options: copyOptions, change }] of inputs.entries()) {
    const path = join(folder, names[i]!);
    await writeParquetFile(path, select, copyOptions);
    if (change === undefined) continue;
    const bytes = readFileSync(path);
    change(bytes);
    writeFileSync(path, bytes);
  }
  const contents = names.map((name) => readFileSync(join(folder, name)));
  const stage = async (copyFromBytes: number): Promise<Staged> => {
    const files = names.map((name) => fileOf(folder, name));
    const request = stageRequest(folder, { format: "parquet", files, copyFromBytes, ...options });
    const result = await engine.stage(request);
    for (const [i, { bytes, crc32: sum }] of result.files.entries())
      assert.deepEqual([bytes, sum], [contents[i]!.length, crc32(contents[i]!)]);
    for (const { path, bytes } of result.dataFiles) assert.equal(statSync(path).size, bytes);
    const data = result.dataFiles.map(({ path }) => readFileSync(path));
    const copied = data.filter((bytes) => contents.some((content) => content.equals(bytes))).length;
    return { result, copied, rows: await rowsOf(engine, result, options.partitionBy) };
  };
  const both = { copying: await stage(0), writing: await stage(Infinity) };
  assert.deepEqual(both.copying.result.files, both.writing.result.files);
  assert.equal(formatDdl(both.copying.result.schema), formatDdl(both.writing.result.schema));
  assert.deepEqual(both.copying.rows, both.writing.rows);
  assert.equal(both.writing.copied, 0);
  return both;
}

/** Statistics of the whole batch, file by file, as the log states them. */
function statsOf({ result }: Staged): Record<string, Record<string, unknown>>[] {
  return result.dataFiles.map(
    (file) =>
      JSON.parse(
        statisticsJson({
          schema: result.schema,
          partitionColumns: [],
          configuration: {},
          numRecords: file.rows,
          columns: file.statistics,
        }),
      ) as Record<string, Record<string, unknown>>,
  );
}

const EVERY_TYPE = `SELECT i AS l, i::TINYINT b, i::SMALLINT s, i::INTEGER n, (i / 3)::FLOAT f, i / 7 AS d, i % 2 = 0 AS o, 'é' || i AS t,
  ('x' || i)::BLOB AS y, DATE '2024-02-29' + i::INTEGER AS da, TIMESTAMPTZ '2024-01-01 00:00:00.000001Z' + i * INTERVAL 1 HOUR AS ts,
  i::DECIMAL(9,2) d9, i::DECIMAL(18,3) d18, i::DECIMAL(38,0) d38, [i, NULL] AS a, {'x': i, 'in': {'z': 'q'}} AS st, MAP {'k': [i]} AS m
  FROM range(100) r(i)`;

test("a file of every type is copied byte for byte, and its statistics are those of a written one", async (t) => {
  const { copying, writing } = await stageBoth(t, [{ select: EVERY_TYPE }]);
  assert.equal(copying.copied, 1);
  assert.deepEqual(statsOf(copying), statsOf(writing));
  const [stats] = statsOf(copying);
  assert.equal((stats!["nullCount"] as { _rescued_data: number })._rescued_data, 100);
  // As those that the engine writes: whoever may read the table may read it.
  const [copy, written] = [copying, writing].map(({ result }) => statSync(result.dataFiles[0]!.path).mode);
  assert.equal(copy, written);
});

test("copied and written files stand in one batch, and columns come in any order", async (t) => {
  const { copying } = await stageBoth(
    t,
    [
      { select: "SELECT 'x' AS t, i AS id FROM range(10) r(i)" },
      { select: "SELECT i AS id, 'y' AS t, 1.5::DOUBLE AS extra FROM range(10) r(i)" },
      // Of another type than the first: it is cast.
      { select: "SELECT 7::INTEGER AS id, 'z' AS t" },
    ],
    { tableSchema: parseDdl("id BIGINT, t STRING, _rescued_data STRING") },
  );
  assert.equal(copying.copied, 2);
  assert.equal(copying.result.dataFiles.length, 3);
  assert.equal(copying.rows.length, 21);
});

/** Why a file is written anew, with a file that would else be copied. */
const WRITTEN: Readonly<Record<string, Input & { readonly request?: Partial<StageRequest> }>> = {
  "is packed otherwise": { select: "SELECT 1 AS a", options: "COMPRESSION brotli" },
  "is encoded otherwise": { select: "SELECT i AS a FROM range(3000) r(i)", options: "PARQUET_VERSION v2" },
  "has many small row groups": {
    select: "SELECT i AS a FROM range(9000) r(i)",
    options: "ROW_GROUP_SIZE 2048",
  },
  "has an unsigned integer": { select: "SELECT 1::UINTEGER AS a" },
  "has a time in milliseconds": { select: "SELECT TIMESTAMP_MS '2024-01-01 00:00:00' AS a" },
  "has a time without a zone": { select: "SELECT TIMESTAMP '2024-01-01 00:00:00' AS a" },
  "has JSON": { select: "SELECT '{}'::JSON AS a" },
  "has a UUID": { select: "SELECT uuid() AS a" },
  "has a value that is rescued": { select: "SELECT DATE '12000-01-01' AS a" },
  "has an infinite instant": { select: "SELECT 'infinity'::TIMESTAMPTZ AS a" },
  "has a column that is not the table's": {
    select: "SELECT 1 AS a, 2 AS b",
    request: { tableSchema: parseDdl("a INT, _rescued_data STRING"), evolutionMode: "rescue" },
  },
  "has a name in another case": {
    select: "SELECT 1 AS A",
    request: { tableSchema: parseDdl("a INT, _rescued_data STRING"), readerCaseSensitive: false },
  },
  "has a name that the table does not take": { select: `SELECT 1 AS "a b"` },
  "has another order of fields": {
    select: "SELECT {'y': 1, 'x': 2} AS a",
    request: { tableSchema: parseDdl("a STRUCT<x: INT, y: INT>, _rescued_data STRING") },
  },
  "is of another calendar": {
    select: "SELECT DATE '1500-01-01' AS a",
    options: "KV_METADATA {'org.apache.spark.version': '2.4.8'}",
  },
  "says that its days are of another calendar": {
    select: "SELECT DATE '1500-01-01' AS a",
    options: "KV_METADATA {'org.apache.spark.version': '4.1.1', 'org.apache.spark.legacyDateTime': ''}",
  },
  "goes into partitions": { select: "SELECT 1 AS a, 'x' AS p", request: { partitionBy: ["p"] } },
  "gets the name of its file": {
    select: "SELECT 1 AS a",
    request: { provenance: [{ column: "from", field: "file_name" }] },
  },
  "has a rule to hold": { select: "SELECT 1 AS a", request: { expect: [{ name: "r", sql: "a > 0" }] } },
  "goes through a transform": {
    select: "SELECT 1 AS a",
    request: { transform: { kind: "sql", name: "t", sql: "SELECT * FROM batch" } as never },
  },
};

for (const [what, { request, ...input }] of Object.entries(WRITTEN)) {
  test(`a file that ${what} is written anew`, async (t) => {
    const { copying } = await stageBoth(t, [input], request);
    assert.equal(copying.copied, 0);
    assert.equal(copying.rows.length > 0, true);
  });
}

test("the same files are copied where nothing stands in the way", async (t) => {
  const { copying } = await stageBoth(t, [
    { select: "SELECT i AS a FROM range(9000) r(i)", options: "COMPRESSION zstd" },
    { select: "SELECT 1::BIGINT AS a", options: "COMPRESSION gzip" },
    { select: "SELECT 2::BIGINT AS a", options: "COMPRESSION uncompressed" },
    { select: "SELECT 2::BIGINT AS a", options: "KV_METADATA {'org.apache.spark.version': '4.1.1'}" },
  ]);
  assert.equal(copying.copied, 4);
});

/** In the footer, which stands behind the data. */
function changeFooter(from: bigint, to: bigint): (bytes: Buffer) => void {
  return (bytes) => {
    const [was, is] = [from, to].map((value) => {
      const eight = Buffer.alloc(8);
      eight.writeBigInt64LE(value);
      return eight;
    });
    const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
    let changed = 0;
    for (let at = bytes.indexOf(was!, start); at >= 0; at = bytes.indexOf(was!, at + 1)) {
      is!.copy(bytes, at);
      changed += 1;
    }
    assert.ok(changed > 0);
  };
}

/** Each null count of 0 in the footer becomes another: field 3 of Statistics, in Thrift's compact protocol, before field 5. */
function countNulls(bytes: Buffer, count: number): void {
  const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  const [none, some] = [0, count].map((value) => Buffer.from([0x16, value * 2, 0x28, 8]));
  let changed = 0;
  for (let at = bytes.indexOf(none!, start); at >= 0; at = bytes.indexOf(none!, at + 1)) {
    some!.copy(bytes, at);
    changed += 1;
  }
  assert.ok(changed > 0);
}

test("a file whose footer states a bound that its values pass is written anew, with true statistics", async (t) => {
  const select = "SELECT 1000000007 + i * 1000000007 AS a FROM range(1000) r(i)";
  for (const change of [
    changeFooter(1_000_000_007n, 1_000_000_008n),
    changeFooter(1_000_000_007_000n, 1_000_000_006_999n),
  ]) {
    const { copying } = await stageBoth(t, [{ select, change }]);
    assert.equal(copying.copied, 0);
    assert.deepEqual(statsOf(copying)[0]!["minValues"], { a: 1_000_000_007 });
    assert.deepEqual(statsOf(copying)[0]!["maxValues"], { a: 1_000_000_007_000 });
  }
  const wider = await stageBoth(t, [{ select, change: changeFooter(1_000_000_007n, 5n) }]);
  assert.equal(wider.copying.copied, 1);
  assert.deepEqual(statsOf(wider.copying)[0]!["minValues"], { a: 1_000_000_007 });
});

test("one row group of several that states too much is enough to write the file anew", async (t) => {
  const select = "SELECT 1000000007 * (i + 1) AS a, i AS b FROM range(90000) r(i) ORDER BY i";
  const options = "ROW_GROUP_SIZE 20480, COMPRESSION uncompressed";
  const { copying } = await stageBoth(t, [{ select, options }]);
  assert.equal(copying.copied, 1);
  const third = 1_000_000_007n * (20_480n * 2n + 1n);
  const lying = await stageBoth(t, [{ select, options, change: changeFooter(third, third + 1n) }]);
  assert.equal(lying.copying.copied, 0);
  const nulls = await stageBoth(t, [
    { select: `${select} LIMIT 100`, change: (bytes) => countNulls(bytes, 3) },
  ]);
  assert.equal(nulls.copying.copied, 0);
});

test("columns may have any name that a table takes", async (t) => {
  const { copying, writing } = await stageBoth(t, [
    {
      select: `SELECT 1 AS part, 2 AS gate, 3 AS v0, 4 AS rows, 5 AS file, 'x' AS "it's", {'a"b': 6, 'in''ner': 7.5::DOUBLE} AS "q""x", [8] AS w0,
        9 AS __proto__, 10 AS min_0, 11 AS stats_min_0, 12 AS sound`,
    },
  ]);
  assert.equal(copying.copied, 1);
  assert.deepEqual(statsOf(copying), statsOf(writing));
  const numbers = await stageBoth(t, [{ select: "SELECT 7 AS File_Row_Number, 1 AS a" }]);
  assert.equal(numbers.copying.copied, 0);
});

test("a damaged page quarantines the file with the same reason, and its neighbour is copied", async (t) => {
  const good = { select: "SELECT i AS a, 'v' || i AS t FROM range(5000) r(i)" };
  for (const nested of ["", ", [i] AS l"]) {
    const select = `SELECT i AS a, hash(i)::VARCHAR AS t${nested} FROM range(5000) r(i)`;
    const garble = (bytes: Buffer): Buffer =>
      bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 64);
    const { copying } = await stageBoth(t, [good, { select, change: garble }]);
    assert.deepEqual(
      copying.result.files.map(({ outcome }) => outcome),
      ["committed", "quarantined"],
    );
    assert.match(copying.result.files[1]!.reason!, /its data cannot be read/);
    assert.equal(copying.copied, 1);
  }
});

/** SQL of values, null among them. */
const VALUES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  BIGINT: fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }).map(String),
  TINYINT: fc.integer({ min: -128, max: 127 }).map(String),
  DOUBLE: fc.oneof(
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((value) => (Object.is(value, -0) ? "-0.0" : String(value))),
    fc.constantFrom("'NaN'", "'-Infinity'", "'Infinity'", "0.0"),
  ),
  VARCHAR: fc
    .oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom("é".repeat(200), "z".repeat(300), "\u{10ffff}".repeat(70)),
    )
    .map((text) => `'${text.replaceAll("\0", "").replaceAll("'", "''")}'`),
  DATE: fc.integer({ min: -700_000, max: 2_900_000 }).map((day) => `DATE '1970-01-01' + (${day})`),
  TIMESTAMPTZ: fc
    .bigInt({ min: -(10n ** 16n), max: 10n ** 17n })
    .map((micros) => `make_timestamp(${micros})::TIMESTAMP`),
  "DECIMAL(25,5)": fc
    .bigInt({ min: -(10n ** 25n) + 1n, max: 10n ** 25n - 1n })
    .map((digits) => `'${digits / 100_000n}.${String(digits).slice(-5).padStart(5, "0").replace("-", "0")}'`),
  BOOLEAN: fc.constantFrom("true", "false"),
};

const column = fc.constantFrom(...Object.keys(VALUES)).chain((type) =>
  fc.record({
    type: fc.constant(type),
    isNested: fc.boolean(),
    values: fc.array(
      fc.oneof({ weight: 4, arbitrary: VALUES[type]! }, { weight: 1, arbitrary: fc.constant("NULL") }),
      {
        minLength: 1,
        maxLength: 8,
      },
    ),
  }),
);

test("copied or written, random files give the same rows, schema and statistics", async (t) => {
  let copied = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(column, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 12 }),
      async (columns, rows) => {
        const lists = columns.map(({ type, isNested, values }, i) => {
          const list = Array.from(
            { length: rows },
            (_, row) => `CAST(${values[row % values.length]!} AS ${type})`,
          );
          const value = `([${list.join(", ")}])[i]`;
          return `${isNested ? `{'v': ${value}}` : value} AS c${i}`;
        });
        const { copying, writing } = await stageBoth(t, [
          { select: `SELECT ${lists.join(", ")} FROM range(1, ${rows + 1}) r(i)` },
        ]);
        copied += copying.copied;
        const [now] = statsOf(copying);
        const [then] = statsOf(writing);
        assert.equal(now!["numRecords"], then!["numRecords"]);
        assert.deepEqual(now!["nullCount"], then!["nullCount"]);
        // The writer leaves out bounds that it cut within a character; it states none that is not true.
        for (const part of ["minValues", "maxValues"])
          assert.deepEqual({ ...now![part], ...then![part] }, now![part]);
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(copied > 20);
});
