import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Schema } from "avsc";
import { avroContainer, avroFile, varint } from "../../test/support/avro-file.ts";
import { type FileContents, stageContents, type Staged } from "../../test/support/stage-files.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { DEFAULT_FORMAT_OPTIONS } from "../formats/format-options.ts";
import { parseDdl } from "../schema/ddl.ts";
import { formatDdl } from "../schema/format-ddl.ts";
import type { StageRequest } from "./engine.ts";

const engine = testEngine();

async function stage(
  t: Pick<TestContext, "after">,
  contents: FileContents,
  options: Partial<StageRequest> = {},
): Promise<Staged> {
  const staged = await stageContents(engine, t, contents, { format: "avro", ...options });
  return { ...staged, ddl: formatDdl(staged.result.schema) };
}

function record(fields: Readonly<Record<string, unknown>>): Schema {
  return {
    type: "record",
    name: "R",
    fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
  } as Schema;
}

const ONE = record({ id: "long" });
const ids = (...values: bigint[]): Buffer => avroFile(ONE, { rows: [values.map((id) => ({ id }))] });

test("values keep the file's own types, 64-bit integers and bytes exact", async (t) => {
  const schema = record({
    i: "int",
    l: "long",
    f: "float",
    d: "double",
    b: "boolean",
    by: "bytes",
    e: { type: "enum", name: "E", symbols: ["x", "y"] },
    dec: { type: "bytes", logicalType: "decimal", precision: 20, scale: 2 },
    day: { type: "int", logicalType: "date" },
    at: { type: "long", logicalType: "timestamp-micros" },
    local: { type: "long", logicalType: "local-timestamp-millis" },
    n: ["null", "string"],
    a: { type: "array", items: ["null", "bytes"] },
    m: { type: "map", values: "long" },
  });
  const row = {
    i: -(2 ** 31),
    l: -(2n ** 63n),
    f: 0.5,
    d: 5e-324,
    b: true,
    by: Buffer.from("\\x\0'\"\xff", "latin1"),
    e: "y",
    dec: Buffer.from([0xff, 0x7f]),
    day: -1,
    at: -62_135_596_800_000_000n,
    local: 1n,
    n: null,
    a: [null, { bytes: Buffer.from([0xff]) }],
    m: { k: 2n ** 63n - 1n },
  };
  const { ddl, rows } = await stage(
    t,
    { "a.avro": avroFile(schema, { rows: [[row]] }) },
    { timeZone: "Europe/Berlin" },
  );
  assert.equal(
    ddl,
    "i INT, l BIGINT, f FLOAT, d DOUBLE, b BOOLEAN, by BINARY, e STRING, dec DECIMAL(20,2), day DATE, at TIMESTAMP, " +
      "local TIMESTAMP, n STRING, a ARRAY<BINARY>, m MAP<STRING, BIGINT>, _rescued_data STRING",
  );
  assert.deepEqual(
    rows.map((text) => JSON.parse(text) as unknown),
    [
      {
        i: -2_147_483_648,
        l: "-9223372036854775808",
        f: 0.5,
        d: 5e-324,
        b: true,
        // A backslash is printed as it is.
        by: String.raw`\x\x00\x27\x22\xFF`,
        e: "y",
        dec: "-1.29",
        day: "1969-12-31",
        at: "0001-01-01 00:00:00+00",
        local: "1969-12-31 23:00:00.001+00",
        a: [null, String.raw`\xFF`],
        m: [{ key: "k", value: "9223372036854775807" }],
      },
    ],
  );
});

test("times of day are the text that Parquet's are, and those outside the day quarantine their file", async (t) => {
  const schema = record({
    ms: { type: "int", logicalType: "time-millis" },
    us: ["null", { type: "long", logicalType: "time-micros" }],
  });
  const file = (ms: number, us: bigint | null): Buffer =>
    avroFile(schema, { rows: [[{ ms, us: us === null ? null : { long: us } }]] });
  const { ddl, rows, result } = await stage(t, {
    "a.avro": file(0, 86_399_999_999n),
    "b.avro": file(3_723_004, 1_500_000n),
    "c.avro": file(86_400_000, null),
    "d.avro": file(-1, 0n),
    "e.avro": file(86_400_001, 0n),
    "f.avro": file(0, 2n ** 62n),
  });
  assert.match(ddl, /^ms STRING, us STRING, /);
  assert.deepEqual(rows, [
    '{"ms":"00:00:00","us":"23:59:59.999999"}',
    '{"ms":"01:02:03.004","us":"00:00:01.5"}',
    '{"ms":"24:00:00"}',
  ]);
  for (const file of result.files.slice(3)) assert.match(file.reason!, /a time of day lies outside the day/);
});

test("schemas of one batch unify, and unions are their branch, a wider number or members", async (t) => {
  const first = record({ id: "int", u: ["null", "int", "long"] });
  const second = record({ id: "long", u: ["null", "int", "string"], late: "string" });
  const { ddl, rows } = await stage(t, {
    "a.avro": avroFile(first, { rows: [[{ id: 1, u: { long: 2n } }], [{ id: 2, u: null }]] }),
    "b.avro": avroFile(second, { rows: [[{ id: 3n, u: { string: "x" }, late: "z" }]] }),
  });
  assert.match(ddl, /^id BIGINT, u BIGINT, late STRING, /);
  assert.deepEqual(rows, [
    '{"id":"1","u":"2"}',
    '{"id":"2"}',
    '{"id":"3","late":"z","_rescued_data":"{\\"u\\":{\\"member1\\":\\"x\\"},\\"_file_path\\":\\"b.avro\\"}"}',
  ]);
  const members = await stage(t, {
    "b.avro": avroFile(second, { rows: [[{ id: 3n, u: { int: 4 }, late: "" }]] }),
  });
  assert.match(members.ddl, /u STRUCT<member0: INT, member1: STRING>/);
  assert.deepEqual(members.rows, ['{"id":"3","u":{"member0":4,"member1":null},"late":""}']);
});

test("what does not fit the table is rescued", async (t) => {
  const { rows, result } = await stage(
    t,
    { "a.avro": avroFile(record({ id: "long", s: "string" }), { rows: [[{ id: 2n ** 40n, s: "x" }]] }) },
    { tableSchema: parseDdl("id INT, _rescued_data STRING"), columns: parseDdl("id INT") },
  );
  assert.equal(rows.length, 1);
  assert.match(rows[0]!, /1099511627776/);
  assert.equal(result.files[0]!.rescued, 1);
});

test("every codec gives the same rows, and a block's damage is told", async (t) => {
  for (const codec of ["null", "deflate", "snappy", "zstandard"]) {
    const good = avroFile(ONE, { rows: [[{ id: 1n }, { id: 2n }], [{ id: 3n }]], codec });
    const bad = Buffer.from(good);
    const at = bad.length - 17;
    bad[at] = bad[at]! ^ 255;
    const { rows, result } = await stage(t, { good, bad });
    assert.deepEqual(rows, ['{"id":"1"}', '{"id":"2"}', '{"id":"3"}'], codec);
    assert.deepEqual(
      result.files.map((file) => file.outcome),
      ["committed", "quarantined"],
      codec,
    );
  }
  const { result } = await stage(t, { x: avroContainer(JSON.stringify(ONE), { blocks: [], codec: "xz" }) });
  assert.match(result.files[0]!.reason!, /codec "xz" is not read/);
});

test("a file cut anywhere but between blocks, or with another marker, brings no row", async (t) => {
  const good = avroFile(ONE, { rows: [[{ id: 1n }], [{ id: 2n }]] });
  const block = 1 + 1 + 1 + 16;
  const whole = new Set([good.length, good.length - block, good.length - 2 * block]);
  const cuts = Object.fromEntries(
    Array.from({ length: good.length + 1 }, (_, bytes) => [`cut-${bytes}`, good.subarray(0, bytes)]),
  );
  const { result } = await stage(t, cuts);
  for (const [bytes, file] of result.files.entries()) {
    assert.equal(file.outcome, whole.has(bytes) ? "committed" : "quarantined", `${bytes} bytes`);
    if (file.outcome === "quarantined") assert.match(file.reason!, /^Avro: /);
  }
  const marker = Buffer.from(good);
  marker[good.length - 1] = 0;
  const other = await stage(t, { marker });
  assert.match(other.result.files[0]!.reason!, /the marker behind a block/);
});

test("counts and lengths beyond what is there are never believed", async (t) => {
  const huge = varint(2n ** 62n);
  const hostile = {
    records: avroContainer(JSON.stringify(ONE), { blocks: [{ records: 2 ** 40, data: varint(1) }] }),
    string: avroContainer(JSON.stringify(record({ s: "string" })), { blocks: [{ records: 1, data: huge }] }),
    array: avroContainer(JSON.stringify(record({ a: { type: "array", items: "int" } })), {
      blocks: [{ records: 1, data: varint(2 ** 40) }],
    }),
    nulls: avroContainer(JSON.stringify(record({ a: { type: "array", items: "null" } })), {
      blocks: [{ records: 1, data: varint(2 ** 40) }],
    }),
    long: avroContainer(JSON.stringify(ONE), { blocks: [{ records: 1, data: Buffer.alloc(11, 255) }] }),
    rest: avroContainer(JSON.stringify(ONE), { blocks: [{ records: 1, data: Buffer.alloc(2) }] }),
    bomb: avroFile(record({ b: "bytes" }), {
      rows: [[{ b: Buffer.alloc(17 * 1024 ** 2) }]],
      codec: "deflate",
    }),
  };
  const { result, rows } = await stage(t, hostile);
  assert.deepEqual(rows, []);
  for (const file of result.files) assert.match(file.reason ?? "none", /^Avro: /, file.key);
});

test("types without an answer are refused by name, with their field", async (t) => {
  const loop = { type: "record", name: "R", fields: [{ name: "next", type: ["null", "R"] }] };
  const wide = { type: "bytes", logicalType: "decimal", precision: 39, scale: 2 };
  const refused: Readonly<Record<string, readonly [unknown, RegExp]>> = {
    loop: [loop, /next is the record R, which holds itself/],
    wide: [record({ a: wide }), /the field a is a decimal of more than 38 digits/],
    case: [record({ a: "int", A: "int" }), /differs from another's by case only/],
    empty: [
      record({ a: { type: "record", name: "S", fields: [] } }),
      /the field a is a record without fields/,
    ],
    plain: ["int", /its rows are no records/],
    none: [{ type: "nope" }, /its schema cannot be read/],
  };
  for (const [name, [schema, reason]] of Object.entries(refused)) {
    const { result } = await stage(t, { [name]: avroContainer(JSON.stringify(schema), { blocks: [] }) });
    assert.match(result.files[0]!.reason ?? "committed", reason, name);
  }
});

test("a file without rows still says its columns", async (t) => {
  const { ddl, result } = await stage(t, { "a.avro": ids() });
  assert.equal(ddl, "id BIGINT, _rescued_data STRING");
  assert.deepEqual([result.files[0]!.outcome, result.files[0]!.read], ["committed", 0]);
});

test("rows keep the number that they have in their file, and its name", async (t) => {
  const blocks = Array.from({ length: 40 }, (_, block) =>
    Array.from({ length: 500 }, (_row, row) => ({ id: BigInt(block * 500 + row + 1) })),
  );
  const provenance = [
    { column: "n", field: "record_number" },
    { column: "of", field: "file_name" },
  ] as const;
  const { rows } = await stage(t, { "a.avro": avroFile(ONE, { rows: blocks }) }, { provenance });
  assert.equal(rows.length, 20_000);
  for (const text of rows) {
    const row = JSON.parse(text) as Record<string, string>;
    assert.deepEqual([row["n"], row["of"]], [row["id"], "a.avro"]);
  }
});

test("binaryFile: a row has the name, time, length and bytes of its file", async (t) => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const { ddl, rows, result } = await stage(
    t,
    { "we[ird]*.bin": bytes, empty: "", "long.bin": Buffer.alloc(17 * 1024 ** 2) },
    { format: "binaryFile" },
  );
  assert.equal(
    ddl,
    "path STRING, modificationTime TIMESTAMP, length BIGINT, content BINARY, _rescued_data STRING",
  );
  const found = rows.map((text) => JSON.parse(text) as Record<string, string>);
  assert.deepEqual(
    found.map(({ path, length }) => [path, length]),
    [
      ["empty", "0"],
      ["we[ird]*.bin", "256"],
    ],
  );
  const content = Buffer.from(
    found[1]!["content"]!.replaceAll(/\\x(..)/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    "latin1",
  );
  assert.deepEqual(content, bytes);
  assert.deepEqual(
    result.files.map(({ outcome, bytes: read, written }) => [outcome, read, written]),
    [
      ["committed", 256, 1],
      ["committed", 0, 1],
      ["quarantined", 17 * 1024 ** 2, 0],
    ],
  );
});

const asked = (schema: unknown, more: Partial<StageRequest> = {}): Partial<StageRequest> => ({
  formats: {
    ...DEFAULT_FORMAT_OPTIONS,
    avro: { avroSchema: typeof schema === "string" ? schema : JSON.stringify(schema) },
  },
  ...more,
});

interface AskedField {
  readonly name: string;
  readonly type: unknown;
  readonly default?: unknown;
  readonly aliases?: readonly string[];
}

const askedRecord = (...fields: readonly AskedField[]): unknown => ({
  type: "record",
  name: "Asked",
  fields,
});

test("a reader's schema: fields by name or alias, defaults for what a file lacks, others left out", async (t) => {
  const schema = askedRecord(
    { name: "late", type: "string", default: 'x"y' },
    { name: "key", aliases: ["id", "s"], type: "long" },
    { name: "s", type: ["null", "string"], default: null },
    { name: "n", type: ["null", "int"], default: null },
    {
      name: "inner",
      type: { type: "record", name: "In", fields: [{ name: "by", type: "bytes" }] },
      default: { by: "\u00ff" },
    },
    { name: "list", type: { type: "array", items: "double" }, default: [0.5] },
  );
  const { ddl, rows } = await stage(
    t,
    {
      "a.avro": avroFile(record({ gone: "string", id: "long", s: "string" }), {
        rows: [[{ gone: "z", id: 2n ** 62n, s: "t" }]],
      }),
      "b.avro": avroFile(record({ id: "int", n: "int", list: { type: "array", items: "int" } }), {
        rows: [[{ id: 7, n: 5, list: [1] }]],
      }),
    },
    asked(schema),
  );
  assert.equal(
    ddl,
    "late STRING, key BIGINT, s STRING, n INT, inner STRUCT<by: BINARY>, list ARRAY<DOUBLE>, _rescued_data STRING",
  );
  assert.deepEqual(
    rows.map((text) => JSON.parse(text) as unknown),
    [
      { late: 'x"y', key: "4611686018427387904", s: "t", inner: { by: "\\xFF" }, list: [0.5] },
      { late: 'x"y', key: "7", n: 5, inner: { by: "\\xFF" }, list: [1] },
    ],
  );
});

test("a reader's schema: what a promotion would bend is rescued, all else is promoted", async (t) => {
  const schema = askedRecord(
    { name: "d", type: "double" },
    { name: "f", type: ["null", "float"] },
    { name: "t", type: "string" },
    { name: "b", type: "bytes" },
    { name: "at", type: { type: "long", logicalType: "timestamp-micros" } },
    { name: "u", type: ["null", "double"] },
  );
  const file = record({
    d: "long",
    f: ["null", "int"],
    t: "bytes",
    b: "string",
    at: { type: "long", logicalType: "timestamp-millis" },
    u: ["null", "int", "double"],
  });
  const row = { f: null, t: Buffer.from("é"), b: "é", at: 1000n };
  const { ddl, rows, result } = await stage(
    t,
    {
      "a.avro": avroFile(file, {
        rows: [
          [
            { ...row, d: 1n, u: { int: 3 } },
            { ...row, d: 2n ** 53n + 1n, f: { int: 2 ** 24 + 1 }, u: { double: 0.5 } },
          ],
        ],
      }),
    },
    asked(schema),
  );
  assert.equal(ddl, "d DOUBLE, f FLOAT, t STRING, b BINARY, at TIMESTAMP, u DOUBLE, _rescued_data STRING");
  const kept = { t: "é", b: "\\xC3\\xA9", at: "1970-01-01 00:00:01+00" };
  assert.deepEqual(
    rows.map((text) => JSON.parse(text) as unknown).toSorted((one) => ("d" in (one as object) ? -1 : 1)),
    [
      { d: 1, ...kept, u: 3 },
      { ...kept, u: 0.5, _rescued_data: '{"d":9007199254740993,"f":16777217,"_file_path":"a.avro"}' },
    ],
  );
  assert.equal(result.files[0]!.rescued, 1);
});

test("a reader's schema: enums, unions and names", async (t) => {
  const colours = (symbols: readonly string[], more: object = {}): unknown => ({
    type: "enum",
    name: "Colour",
    symbols,
    ...more,
  });
  const file = record({ e: colours(["red", "blue"]), u: ["null", "int", "string"], one: "long" });
  const rows = [[{ e: "red", u: { string: "x" }, one: 1n }]];
  const blue = [[{ e: "blue", u: { int: 2 }, one: 1n }]];
  const schema = askedRecord(
    { name: "e", type: colours(["red", "other"], { default: "other" }) },
    { name: "u", type: ["null", "string", "long"] },
    { name: "one", type: ["string", "long"] },
  );
  const contents = { "a.avro": avroFile(file, { rows }), "b.avro": avroFile(file, { rows: blue }) };
  const taken = await stage(t, contents, asked(schema));
  assert.deepEqual(taken.rows, [
    '{"e":"other","u":{"member0":null,"member1":"2"},"one":{"member0":null,"member1":"1"}}',
    '{"e":"red","u":{"member0":"x","member1":null},"one":{"member0":null,"member1":"1"}}',
  ]);
  const strict = await stage(t, contents, asked(askedRecord({ name: "e", type: colours(["red"]) })));
  assert.deepEqual(strict.rows, ['{"e":"red"}']);
  assert.match(
    strict.result.files[1]!.reason!,
    /the field e holds blue, which avro.avroSchema does not have/,
  );
});

for (const [what, field, reason] of [
  ["a field without a default", { name: "x", type: "int" }, /asks for the field x, .* no default/],
  ["another kind of type", { name: "id", type: "string" }, /the field id is long, .*string does not take/],
  ["a narrower number", { name: "id", type: "int" }, /the field id is long, .*int does not take/],
  [
    "a union without its type",
    { name: "id", type: ["null", "string"] },
    /the field id is long, .*union does not take/,
  ],
] as const) {
  test(`a reader's schema that asks for ${what} quarantines the file by name`, async (t) => {
    const { result } = await stage(t, { "a.avro": ids(1n) }, asked(askedRecord(field)));
    assert.match(result.files[0]!.reason!, reason);
  });
}

test("a reader's schema that is none fails the batch, with what is wrong with it", async (t) => {
  const holdsItself = { type: "record", name: "R", fields: [{ name: "r", type: ["null", "R"] }] };
  const schemas: readonly (readonly [unknown, RegExp])[] = [
    ["[]", /SCHEMA_INVALID/],
    ['"int"', /no record but of the type int/],
    [askedRecord({ name: "x", type: "nope" }), /nope/],
    [askedRecord({ name: "x", type: "int", default: "1" }), /SCHEMA_INVALID/],
    [holdsItself, /holds itself/],
    [askedRecord(), /no fields/],
    [askedRecord({ name: "a", type: "int" }, { name: "A", type: "int" }), /by case only/],
  ];
  for (const [schema, pattern] of schemas) {
    await assert.rejects(stage(t, { "a.avro": ids(1n) }, asked(schema)), (error) => {
      assert.ok(isLandfallError(error, "SCHEMA_INVALID"));
      assert.match(`${error.code} ${error.message}`, pattern);
      return true;
    });
  }
});
