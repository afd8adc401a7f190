import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileOf, rowsOf, STAGE_LIMITS, stageRequest } from "../../test/support/stage-files.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { writeParquetFile } from "../../test/support/write-parquet-file.ts";
import { parseDdl, parseHints } from "../schema/ddl.ts";
import { formatDdl } from "../schema/format-ddl.ts";
import type { StageRequest, StageResult } from "./engine.ts";

const engine = testEngine();

interface Staged {
  readonly result: StageResult;
  readonly rows: string[];
  readonly ddl: string;
}

/** Files by name, each a SELECT, or bytes as they are. */
async function stage(
  t: TestContext,
  files: Readonly<Record<string, string | Buffer>>,
  options: Partial<StageRequest> = {},
): Promise<Staged> {
  const folder = temporaryFolder(t);
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    if (typeof content === "string") await writeParquetFile(path, content);
    else writeFileSync(path, content);
  }
  const listed = Object.keys(files).map((name) => fileOf(folder, name));
  const result = await engine.stage(stageRequest(folder, { format: "parquet", files: listed, ...options }));
  return { result, rows: await rowsOf(engine, result, options.partitionBy), ddl: formatDdl(result.schema) };
}

/** Counts of nanoseconds that DuckDB writes, and for each the end of the type that is to stand in its place, which it does not. */
const ENDS = new Map([
  [1_234_567_890_000_001_001n, -(2n ** 63n)],
  [1_234_567_890_000_001_002n, 2n ** 63n - 1n],
  [1_234_567_890_000_001_003n, 1n - 2n ** 63n],
]);

/** A file whose times in nanoseconds reach the ends of their type, and are instants, as pandas and Arrow write them, or have no zone. */
async function nanosFile(t: TestContext, select: string, isInstant: boolean): Promise<Buffer> {
  const path = join(temporaryFolder(t), "nanos.parquet");
  await writeParquetFile(path, select, "COMPRESSION uncompressed");
  const bytes = readFileSync(path);
  for (const [from, to] of ENDS) replaceAll(bytes, int64(from), int64(to));
  // TimestampType{isAdjustedToUTC, unit: NANOS}, in Thrift's compact protocol.
  if (isInstant) replaceAll(bytes, Buffer.from([0x12, 0x1c, 0x3c, 0, 0]), Buffer.from([0x11]));
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}

function replaceAll(bytes: Buffer, from: Buffer, to: Buffer): void {
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) to.copy(bytes, at);
}

function schema(ddl: string): { readonly tableSchema: NonNullable<StageRequest["tableSchema"]> } {
  return { tableSchema: parseDdl(ddl) };
}

test("every type that Delta has comes through as it is, at its edges", async (t) => {
  const { result, rows, ddl } = await stage(t, {
    "a.parquet": `SELECT (-128)::TINYINT b, 32767::SMALLINT s, (-2147483648)::INTEGER i, 9223372036854775807::BIGINT l,
      1.5::FLOAT f, 0.1::DOUBLE d, true o, 'é"\\' t, 'x'::BLOB y, DATE '0001-01-01' da,
      TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' ts, 12345678901234567890123456789012345678::DECIMAL(38,0) big, 1.10::DECIMAL(9,2) de,
      [1, NULL, 3] a, {'x': 1, 'y': [{'z': 'q'}]} st, MAP {'k': 1.5::DOUBLE} m`,
  });
  assert.equal(
    ddl,
    "b TINYINT, s SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, o BOOLEAN, t STRING, y BINARY, da DATE, ts TIMESTAMP, big DECIMAL(38,0), de DECIMAL(9,2), a ARRAY<INT>, st STRUCT<x: INT, y: ARRAY<STRUCT<z: STRING>>>, m MAP<STRING, DOUBLE>, _rescued_data STRING",
  );
  assert.equal(result.files[0]!.outcome, "committed");
  assert.deepEqual([result.files[0]!.read, result.files[0]!.written, result.files[0]!.rescued], [1, 1, 0]);
  const row = JSON.parse(rows[0]!) as Record<string, unknown>;
  assert.equal(row["l"], "9223372036854775807");
  assert.equal(row["big"], "12345678901234567890123456789012345678");
  assert.equal(row["de"], "1.10");
  assert.equal(row["t"], 'é"\\');
  assert.equal(row["da"], "0001-01-01");
  assert.equal(row["_rescued_data"], undefined);
});

test("unsigned integers of up to 32 bits widen without loss, also inside of lists and structs", async (t) => {
  const { rows, ddl } = await stage(t, {
    "a.parquet":
      "SELECT 255::UTINYINT a, 65535::USMALLINT b, 4294967295::UINTEGER c, [255::UTINYINT] l, {'u': 4294967295::UINTEGER} s",
  });
  assert.match(ddl, /^a SMALLINT, b INT, c BIGINT, l ARRAY<SMALLINT>, s STRUCT<u: BIGINT>/);
  assert.equal(rows[0], '{"a":255,"b":65535,"c":"4294967295","l":[255],"s":{"u":"4294967295"}}');
});

for (const [type, value, reason] of [
  ["intervals", "INTERVAL 1 DAY", /the column a is an INTERVAL/],
  ["a nested untaken type", "{'b': [INTERVAL 1 DAY]}", /the column a\.b\.list\.element is an INTERVAL/],
  ["variants", "{'b': 1}::VARIANT", /the column a is a VARIANT, which is not read yet/],
] as const) {
  test(`a file with ${type} is quarantined by name and its neighbour is committed`, async (t) => {
    const { result, rows } = await stage(t, {
      "bad.parquet": `SELECT ${value} a`,
      "good.parquet": "SELECT 1 a",
    });
    assert.equal(result.files[0]!.outcome, "quarantined");
    assert.match(result.files[0]!.reason!, reason);
    assert.equal(result.files[1]!.outcome, "committed");
    assert.deepEqual(rows, ['{"a":1}']);
  });
}

test("a VARIANT is told from a struct of its parts, whichever file comes first", async (t) => {
  const variant = "SELECT 'x'::VARIANT a";
  const struct = "SELECT {'metadata': ''::BLOB, 'value': NULL::BLOB, 'typed_value': 'x'} a";
  for (const files of [
    { "1.parquet": variant, "2.parquet": struct },
    { "1.parquet": struct, "2.parquet": variant },
  ]) {
    const { result, rows } = await stage(t, files);
    const outcomes = Object.values(files).map((select) => (select === variant ? "quarantined" : "committed"));
    assert.deepEqual(
      result.files.map(({ outcome }) => outcome),
      outcomes,
    );
    assert.deepEqual(rows, ['{"a":{"metadata":"","value":null,"typed_value":"x"}}']);
  }
});

test("files that are no Parquet are quarantined, each with what is wrong", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "whole.parquet");
  await writeParquetFile(path, "SELECT range a FROM range(1000)");
  const whole = readFileSync(path);
  const footerTooLong = Buffer.from(whole);
  footerTooLong.writeUInt32LE(0x7fffffff, whole.length - 8);
  const footerGarbled = Buffer.from(whole);
  footerGarbled.fill(0xff, whole.length - 60, whole.length - 8);
  // As of an empty data frame: one element, the root, and no row group.
  const noColumns = Buffer.from("1502191c4806736368656d611500001600190c00", "hex");
  const withoutColumns = Buffer.concat([
    Buffer.from("PAR1"),
    noColumns,
    Buffer.of(noColumns.length, 0, 0, 0),
    Buffer.from("PAR1"),
  ]);
  const { result, rows } = await stage(t, {
    "a-empty": Buffer.alloc(0),
    "b-text": Buffer.from("id,name\n1,x\n"),
    "c-cut": whole.subarray(0, whole.length - 5),
    "d-encrypted": Buffer.concat([Buffer.from("PARE"), whole.subarray(4, -4), Buffer.from("PARE")]),
    "e-long": footerTooLong,
    "f-garbled": footerGarbled,
    "g-magic": Buffer.from("PAR1"),
    "h-no-columns": withoutColumns,
    "i-good": whole,
  });
  const reasons = result.files.map((file) => file.reason ?? "");
  for (const [i, pattern] of [
    /the file is empty/,
    /does not begin as Parquet/,
    /truncated: it does not end with its footer/,
    /encrypted/,
    /footer is longer than the file/,
    /footer cannot be read/,
    /truncated/,
    /^Parquet: the file has no columns$/,
    /^$/,
  ].entries())
    assert.match(reasons[i]!, pattern);
  assert.equal(rows.length, 1000);
  assert.deepEqual(
    result.files.slice(0, 8).map((file) => [file.read, file.written]),
    Array.from({ length: 8 }, () => [0, 0]),
  );
  assert.equal(result.files[1]!.bytes, 12);
});

test("a page that turns out damaged while it is read quarantines its file only", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "whole.parquet");
  await writeParquetFile(path, "SELECT range a, md5(range::VARCHAR) s FROM range(5000)");
  const damaged = Buffer.from(readFileSync(path));
  damaged.fill(0xa5, 40, 4000);
  const { result, rows } = await stage(t, {
    "a.parquet": "SELECT 1 a, 'x' s",
    "b.parquet": damaged,
    "c.parquet": "SELECT 2 a, 'y' s",
  });
  assert.deepEqual(
    result.files.map((file) => file.outcome),
    ["committed", "quarantined", "committed"],
  );
  assert.match(result.files[1]!.reason!, /its data cannot be read/);
  assert.doesNotMatch(result.files[1]!.reason!, /link-/);
  assert.deepEqual(
    rows,
    ['{"a":"1","s":"x"}', '{"a":"2","s":"y"}'].map((row) => row.replace(/"(\d)"/, "$1")),
  );
});

test("a column of another type than the table's is kept where it fits by value, else rescued", async (t) => {
  const { result, rows, ddl } = await stage(
    t,
    {
      "a.parquet": `SELECT * FROM (VALUES
        (1::BIGINT, 2::INTEGER, 1.5::DOUBLE, 9007199254740993::BIGINT, 1.25::DECIMAL(5,2), 5, 0.5::DOUBLE),
        (3000000000, 3, 2.0, 9007199254740992, 123.45, 6, 0.1)) v(narrow, wide, never, exact, dec, txt, flt)`,
    },
    schema(
      "narrow INT, wide BIGINT, never BIGINT, exact DOUBLE, dec DECIMAL(4,2), txt STRING, flt FLOAT, _rescued_data STRING",
    ),
  );
  assert.match(
    ddl,
    /^narrow INT, wide BIGINT, never BIGINT, exact DOUBLE, dec DECIMAL\(4,2\), txt STRING, flt FLOAT/,
  );
  const kept = rows.map((row) => JSON.parse(row) as Record<string, unknown>);
  const first = kept.find((row) => row["wide"] === "2")!;
  const second = kept.find((row) => row["wide"] === "3")!;
  assert.deepEqual(JSON.parse(first["_rescued_data"] as string), {
    never: 1.5,
    exact: 9007199254740992,
    txt: 5,
    _file_path: "a.parquet",
  });
  assert.match(first["_rescued_data"] as string, /"exact":9007199254740993/);
  assert.equal(first["narrow"], 1);
  assert.equal(first["dec"], "1.25");
  assert.equal(first["flt"], 0.5);
  assert.deepEqual(JSON.parse(second["_rescued_data"] as string), {
    narrow: 3000000000,
    never: 2,
    dec: 123.45,
    txt: 6,
    flt: 0.1,
    _file_path: "a.parquet",
  });
  assert.equal(second["exact"], 9007199254740992);
  assert.equal(result.files[0]!.rescued, 2);
});

test("what does not fit inside of structs, arrays and maps is rescued there, and the rest stays", async (t) => {
  const { rows } = await stage(
    t,
    {
      "a.parquet": `SELECT {'keep': 1, 'bad': 'x', 'new': 7} s, [1::BIGINT, 3000000000, NULL] l,
        MAP {'k': 'v', 'w': NULL} m, [[1.5::DOUBLE], []] n`,
    },
    schema(
      "s STRUCT<keep: INT, bad: INT>, l ARRAY<INT>, m MAP<STRING, INT>, n ARRAY<ARRAY<BIGINT>>, _rescued_data STRING",
    ),
  );
  const row = JSON.parse(rows[0]!) as Record<string, unknown>;
  assert.deepEqual(row["s"], { keep: 1, bad: null, new: 7 });
  assert.deepEqual(row["l"], [1, null, null]);
  assert.equal(row["m"], undefined);
  assert.deepEqual(row["n"], [[null], []]);
  assert.equal(
    row["_rescued_data"],
    '{"s":{"bad":"x"},"l":[null,3000000000,null],"m":{"k":"v","w":null},"n":[[1.5],null],"_file_path":"a.parquet"}',
  );
});

test("files whose types differ are unified by the files' keys, whatever the order in which they come", async (t) => {
  const files = {
    "a.parquet": "SELECT 1::INTEGER x, 1::BIGINT y, 1 z, {'p': 1} s",
    "b.parquet": "SELECT 2.5::DOUBLE x, 9007199254740993::BIGINT y, 'text' z, {'q': 'two'} s",
    "c.parquet": "SELECT 3::BIGINT x, 0.5::DOUBLE y, 2 z, NULL::STRUCT(p INTEGER) s",
  };
  const forward = await stage(t, files);
  const backward = await stage(t, Object.fromEntries(Object.entries(files).reverse()));
  assert.deepEqual(backward.rows, forward.rows);
  assert.deepEqual(backward.ddl, forward.ddl);
  assert.equal(forward.ddl, "x DOUBLE, y DOUBLE, z INT, s STRUCT<p: INT, q: STRING>, _rescued_data STRING");
  assert.match(
    forward.rows.join("\n"),
    /"_rescued_data":"\{\\"y\\":9007199254740993,\\"z\\":\\"text\\",\\"_file_path\\":\\"b.parquet\\"\}"/,
  );
});

test("hints for the keys and values of a map type them, and a map that does not fit is rescued whole", async (t) => {
  const { ddl, rows } = await stage(
    t,
    { "a.parquet": "SELECT MAP {1::BIGINT: 3::BIGINT} m UNION ALL SELECT MAP {3000000000: 1::BIGINT}" },
    { hints: parseHints("m.key INT, m.value INT") },
  );
  assert.equal(ddl, "m MAP<INT, INT>, _rescued_data STRING");
  assert.deepEqual(rows, [
    '{"_rescued_data":"{\\"m\\":{\\"3000000000\\":1},\\"_file_path\\":\\"a.parquet\\"}"}',
    '{"m":[{"key":1,"value":3}]}',
  ]);
});

test("unsigned 64-bit integers are decimals, times of day and UUIDs their text, also inside of lists", async (t) => {
  const { rows, ddl } = await stage(t, {
    "a.parquet": `SELECT 18446744073709551615::UBIGINT u, [0::UBIGINT] l, TIME '23:59:59.999999' d, [TIME '03:04:05'] ds,
      '00000000-0000-0000-0000-00000000000a'::UUID id`,
  });
  assert.match(ddl, /^u DECIMAL\(20,0\), l ARRAY<DECIMAL\(20,0\)>, d STRING, ds ARRAY<STRING>, id STRING/);
  assert.equal(
    rows[0],
    '{"u":"18446744073709551615","l":["0"],"d":"23:59:59.999999","ds":["03:04:05"],"id":"00000000-0000-0000-0000-00000000000a"}',
  );
});

test("of nanoseconds whole microseconds stay and the rest is rescued with every digit", async (t) => {
  const { rows, ddl } = await stage(
    t,
    {
      "a.parquet": `SELECT TIMESTAMP_NS '2024-07-01 12:00:00.000001' a, TIMESTAMP_NS '2024-07-01 12:00:00.000000001' b,
        [TIMESTAMP_NS '1677-09-22 00:00:00', TIMESTAMP_NS '2262-04-10 00:00:00.000000001'] l, NULL::TIMESTAMP_NS n,
        TIMESTAMP_NS '2024-07-01 12:00:00' wall`,
    },
    { timeZone: "America/New_York", hints: [{ path: ["wall"], type: "timestamp_ntz" }] },
  );
  assert.match(ddl, /a TIMESTAMP, b TIMESTAMP, l ARRAY<TIMESTAMP>, n TIMESTAMP, wall TIMESTAMP_NTZ/);
  const row = JSON.parse(rows[0]!) as Record<string, unknown>;
  assert.equal(row["a"], "2024-07-01 16:00:00.000001+00");
  assert.equal(row["wall"], "2024-07-01 12:00:00");
  assert.equal(row["b"], undefined);
  // New York kept its own sun time until 1883.
  assert.deepEqual(row["l"], ["1677-09-22 04:56:02+00", null]);
  const rescued = JSON.parse(row["_rescued_data"] as string) as Record<string, unknown>;
  assert.equal(rescued["b"], "2024-07-01 12:00:00.000000001");
  assert.deepEqual(rescued["l"], [null, "2262-04-10 00:00:00.000000001"]);
});

test("instants in nanoseconds are TIMESTAMP where they are whole microseconds, else rescued with every digit", async (t) => {
  const counts = ["0", "1700000000000000120", "NULL", "-1000", "-1", ...ENDS.keys()];
  const values = counts.map((count, i) => `(${i}, make_timestamp_ns(CAST(${count} AS BIGINT)))`).join(", ");
  const file = await nanosFile(t, `SELECT i, t, [t] l FROM (VALUES ${values}) v(i, t)`, true);
  const { result, rows, ddl } = await stage(t, { "a.parquet": file }, { timeZone: "America/New_York" });
  assert.equal(ddl, "i INT, t TIMESTAMP, l ARRAY<TIMESTAMP>, _rescued_data STRING");
  const told = new Map(
    rows.map((text) => {
      const row = JSON.parse(text) as Record<string, unknown>;
      return [row["i"], row["_rescued_data"] ?? [row["t"], row["l"]]];
    }),
  );
  const rescued = (text: string): string => `{"t":"${text}","l":["${text}"],"_file_path":"a.parquet"}`;
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 7].map((i) => told.get(i)),
    [
      ["1970-01-01 00:00:00+00", ["1970-01-01 00:00:00+00"]],
      rescued("2023-11-14 22:13:20.00000012+00"),
      [undefined, [null]],
      ["1969-12-31 23:59:59.999999+00", ["1969-12-31 23:59:59.999999+00"]],
      rescued("1969-12-31 23:59:59.999999999+00"),
      rescued("1677-09-21 00:12:43.145224192+00"),
      rescued("2262-04-11 23:47:16.854775807+00"),
      rescued("1677-09-21 00:12:43.145224193+00"),
    ],
  );
  assert.equal(result.files[0]!.rescued, 5);
});

test("instants in nanoseconds in maps and structs, beside other files, with the numbers of their rows", async (t) => {
  const whole = "make_timestamp_ns(1700000000000001000)";
  const file = await nanosFile(
    t,
    `SELECT {'at': ${whole}} s, MAP {${whole}: 1} m UNION ALL SELECT {'at': ${whole}}, MAP {make_timestamp_ns(1): 1}`,
    true,
  );
  const { result, rows } = await stage(
    t,
    { "b.parquet": file, "a.parquet": "SELECT {'at': TIMESTAMPTZ '2024-01-01 00:00:00+00'} s" },
    { provenance: [{ field: "record_number", column: "n" }] },
  );
  assert.deepEqual(
    result.files.map((one) => [one.key, one.outcome, one.rescued]),
    [
      ["b.parquet", "committed", 1],
      ["a.parquet", "committed", 0],
    ],
  );
  const at = "2023-11-14 22:13:20.000001+00";
  assert.deepEqual(
    rows.map((row) => JSON.parse(row) as unknown),
    [
      { s: { at }, m: [{ key: at, value: 1 }], n: "1" },
      {
        s: { at },
        n: "2",
        _rescued_data: '{"m":{"1970-01-01 00:00:00.000000001+00":1},"_file_path":"b.parquet"}',
      },
      { s: { at: "2024-01-01 00:00:00+00" }, n: "1" },
    ],
  );
});

test("nanoseconds without a zone at the ends of their type are rescued with every digit", async (t) => {
  const values = [...ENDS.keys()].map((count) => `(make_timestamp_ns(${count}))`).join(", ");
  const file = await nanosFile(t, `SELECT t FROM (VALUES ${values}) v(t)`, false);
  const { rows } = await stage(t, { "a.parquet": file });
  assert.deepEqual(
    rows.map((row) => /\d{4}-[-\d :.]+/.exec(row)?.[0]),
    ["1677-09-21 00:12:43.145224192", "1677-09-21 00:12:43.145224193", "2262-04-11 23:47:16.854775807"],
  );
});

test("a file with instants in nanoseconds that is cut or changed anywhere in its footer never stops the batch", async (t) => {
  const whole = await nanosFile(t, "SELECT make_timestamp_ns(range) t FROM range(3)", true);
  const length = whole.readUInt32LE(whole.length - 8);
  const files: Record<string, Buffer> = { "whole.parquet": whole };
  for (let i = 0; i < length; i += 3) {
    const changed = Buffer.from(whole);
    changed[whole.length - 8 - length + i]! ^= 0x5a;
    files[`${i}.parquet`] = changed;
  }
  const { result } = await stage(t, files, { hints: [{ path: ["t"], type: "timestamp" }] });
  assert.equal(result.files[0]!.outcome, "committed");
  for (const file of result.files) assert.ok(file.outcome === "committed" || file.reason !== undefined);
});

test("a time without a zone is taken in the pipeline's zone, and kept as it is by a hint", async (t) => {
  const file = {
    "a.parquet": "SELECT TIMESTAMP '2024-07-01 12:00:00' seen, TIMESTAMP '2024-07-01 12:00:00' wall",
  };
  const { rows, ddl } = await stage(t, file, {
    timeZone: "America/New_York",
    hints: [{ path: ["wall"], type: "timestamp_ntz" }],
  });
  assert.match(ddl, /seen TIMESTAMP, wall TIMESTAMP_NTZ/);
  assert.equal(rows[0], '{"seen":"2024-07-01 16:00:00+00","wall":"2024-07-01 12:00:00"}');
});

test("dates and times beyond the years that Delta knows are rescued", async (t) => {
  const { rows, result } = await stage(t, {
    "a.parquet":
      "SELECT * FROM (VALUES (DATE '10000-01-01', TIMESTAMPTZ 'infinity', TIMESTAMP '294000-01-01'), (DATE '9999-12-31', NULL, NULL)) v(d, t, n)",
  });
  assert.deepEqual(rows, [
    '{"_rescued_data":"{\\"d\\":\\"10000-01-01\\",\\"t\\":\\"infinity\\",\\"n\\":\\"294000-01-01 00:00:00\\",\\"_file_path\\":\\"a.parquet\\"}"}',
    '{"d":"9999-12-31"}',
  ]);
  assert.equal(result.files[0]!.rescued, 1);
});

test("NaN and infinity stay in floating columns and are text where they are rescued", async (t) => {
  const { rows } = await stage(
    t,
    { "a.parquet": "SELECT 'NaN'::DOUBLE f, 'Infinity'::DOUBLE i, '-Infinity'::DOUBLE n" },
    schema("f FLOAT, i INT, n FLOAT, _rescued_data STRING"),
  );
  assert.match(rows[0]!, /"_rescued_data":"\{\\"i\\":\\"inf\\",\\"_file_path\\"/);
  assert.match(rows[0]!, /"f":"?NaN/);
});

test("names that differ by case, that Spark refuses, and that Landfall holds: the rules of JSON", async (t) => {
  const path = join(temporaryFolder(t), "names.parquet");
  await writeParquetFile(path, `SELECT 1 "id", 2 "QQ", 3 "a b", 4 "_rescued_data", 5 "landfall_file"`);
  // DuckDB writes no two names that differ by case only; others do.
  const bytes = Buffer.from(readFileSync(path).toString("latin1").replaceAll("QQ", "ID"), "latin1");
  const { result, rows, ddl } = await stage(t, { "a.parquet": bytes });
  assert.equal(
    ddl.replaceAll(/ COMMENT '[^']*'/g, ""),
    "ID INT, a_b INT, landfall_file INT, _rescued_data STRING",
  );
  assert.equal(
    rows[0],
    '{"ID":2,"a_b":3,"landfall_file":5,"_rescued_data":"{\\"id\\":1,\\"_rescued_data\\":4,\\"_file_path\\":\\"a.parquet\\"}"}',
  );
  assert.equal(result.notes.length, 1);
});

test("missing columns are null, new ones stand at the end, explicit columns let none in", async (t) => {
  const known = schema("id BIGINT, gone STRING, _rescued_data STRING");
  const added = await stage(t, { "a.parquet": "SELECT 1 id, 'x' fresh" }, known);
  assert.equal(added.ddl, "id BIGINT, gone STRING, _rescued_data STRING, fresh STRING");
  assert.deepEqual(added.rows, ['{"id":"1","fresh":"x"}']);
  const closed = await stage(
    t,
    { "a.parquet": "SELECT 1 id, 'x' fresh" },
    { columns: parseDdl("id BIGINT") },
  );
  assert.equal(closed.ddl, "id BIGINT, _rescued_data STRING");
  assert.match(closed.rows[0]!, /fresh/);
});

test("a file without rows is committed with none; partitions are written", async (t) => {
  const { result, rows } = await stage(
    t,
    { "a.parquet": "SELECT 1 id WHERE false", "b.parquet": "SELECT range id, range % 2 part FROM range(4)" },
    { partitionBy: ["part"] },
  );
  assert.deepEqual(
    result.files.map((file) => [file.outcome, file.written]),
    [
      ["committed", 0],
      ["committed", 4],
    ],
  );
  assert.equal(result.dataFiles.length, 2);
  assert.equal(rows.length, 4);
});

test("only damaged files: no row, no data file, every file named", async (t) => {
  const { result } = await stage(t, { a: Buffer.from("x"), b: Buffer.alloc(0) });
  assert.deepEqual(
    result.files.map((file) => file.outcome),
    ["quarantined", "quarantined"],
  );
  assert.deepEqual(result.dataFiles, []);
});

test("a file whose schema is nested deeper than maxDepth is quarantined by the name of its column", async (t) => {
  const files = { "a.parquet": "SELECT 1 AS flat, {'a': [{'b': MAP {'k': 1}}]} AS deep" };
  const limits = (maxDepth: number): Partial<StageRequest> => ({ limits: { ...STAGE_LIMITS, maxDepth } });
  const shallow = await stage(t, files, limits(5));
  assert.equal(shallow.result.files[0]!.outcome, "committed");
  const { result } = await stage(t, files, limits(4));
  assert.equal(result.files[0]!.reason, "Parquet: its column deep is nested deeper than maxDepth");
});
