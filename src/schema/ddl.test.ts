import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LandfallError } from "../base/landfall-error.ts";
import type { DataType, StructField, StructType } from "./data-type.ts";
import { parseDdl, parseHints, readDdl } from "./ddl.ts";
import { formatDdl, formatDdlType } from "./format-ddl.ts";

function column(name: string, type: DataType, rest: Partial<StructField> = {}): StructField {
  return { name, type, nullable: true, metadata: {}, ...rest };
}

function errorOf(text: string, parse: (text: string) => unknown = parseDdl): LandfallError {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof LandfallError, String(error));
    assert.equal(error.code, "SCHEMA_INVALID");
    return error;
  }
  throw new Error(`read without complaint: ${text}`);
}

test("a DDL as people write it gives Delta's schema", () => {
  const schema = parseDdl(
    "id BIGINT NOT NULL COMMENT 'x', at TIMESTAMP, a STRUCT<b: INT, c: ARRAY<STRING>>, m MAP<STRING, DOUBLE>, d DECIMAL(10,2), `odd name` STRING",
  );
  assert.deepEqual(schema, {
    type: "struct",
    fields: [
      column("id", "long", { nullable: false, metadata: { comment: "x" } }),
      column("at", "timestamp"),
      column("a", {
        type: "struct",
        fields: [
          column("b", "integer"),
          column("c", { type: "array", elementType: "string", containsNull: true }),
        ],
      }),
      column("m", { type: "map", keyType: "string", valueType: "double", valueContainsNull: true }),
      column("d", "decimal(10,2)"),
      column("odd name", "string"),
    ],
  });
});

const SYNONYMS: Readonly<Record<string, DataType>> = {
  BIGINT: "long",
  LONG: "long",
  INT: "integer",
  INTEGER: "integer",
  SMALLINT: "short",
  SHORT: "short",
  TINYINT: "byte",
  BYTE: "byte",
  FLOAT: "float",
  REAL: "float",
  DOUBLE: "double",
  STRING: "string",
  BOOLEAN: "boolean",
  BINARY: "binary",
  DATE: "date",
  TIMESTAMP: "timestamp",
  TIMESTAMP_LTZ: "timestamp",
  TIMESTAMP_NTZ: "timestamp_ntz",
  DECIMAL: "decimal(10,0)",
  "DEC(5)": "decimal(5,0)",
  "NUMERIC(38, 38)": "decimal(38,38)",
};

for (const [name, type] of Object.entries(SYNONYMS)) {
  test(`the type name ${name} is read in any case`, () => {
    for (const text of [name, name.toLowerCase(), name[0]! + name.slice(1).toLowerCase()]) {
      assert.deepEqual(parseDdl(`x ${text}`).fields[0]!.type, type);
    }
  });
}

test("colons, comments, line ends and words of the grammar as names are read as Spark reads them", () => {
  const schema = parseDdl(
    "not: INT, -- the first\n comment STRING /* and\n more */,\r\n\tstruct STRUCT<map INT>",
  );
  assert.deepEqual(
    schema.fields.map((field) => field.name),
    ["not", "comment", "struct"],
  );
});

test("names beyond ASCII and names that begin with a digit need no backticks", () => {
  assert.deepEqual(
    parseDdl("größe DOUBLE, 温度 DOUBLE, 2nd INT").fields.map((field) => field.name),
    ["größe", "温度", "2nd"],
  );
});

test("a comment's quotes and escapes are undone", () => {
  const comment = (text: string): unknown => parseDdl(`a INT COMMENT ${text}`).fields[0]!.metadata["comment"];
  assert.equal(comment(String.raw`'it\'s \\ a\ttab \u00e9 \101'`), "it's \\ a\ttab é A");
  assert.equal(comment("'it''s'"), "it's");
  assert.equal(comment(`"say ""hi"", it''s"`), `say "hi", it''s`);
});

const MISTAKES: readonly (readonly [string, string, RegExp, RegExp?])[] = [
  ["", "1:1", /expected a column name, not the end/],
  ["id", "1:3", /expected a type, not the end/],
  ["id BIGNT", "1:4", /unknown type "BIGNT"/, /BIGINT/],
  ["id INT,", "1:8", /missing after the comma/],
  ["id INT at DATE", "1:8", /expected a comma or the end, not "at"/],
  ["id INT,\n  id STRING", "2:3", /id stands twice/],
  ["id INT, ID STRING", "1:9", /ID and id differ only by case/],
  ["s STRUCT<a: INT, A: INT>", "1:18", /differ only by case/],
  ["a STRUCT<>", "1:10", /no fields/],
  ["a STRUCT<b INT", "1:15", /expected >/],
  ["a ARRAY<INT", "1:12", /expected >/],
  ["a MAP<STRING>", "1:13", /expected ,/],
  ["a DECIMAL(39,0)", "1:11", /precision 39/],
  ["a DECIMAL(0)", "1:11", /precision 0/],
  ["a DECIMAL(5,6)", "1:13", /scale 6/],
  ["a DECIMAL(5,-1)", "1:13", /scale -1/],
  ["a DECIMAL(x)", "1:11", /expected DECIMAL's precision/],
  ["a INT(11)", "1:6", /takes no numbers/],
  ["a INT NOT", "1:10", /expected NULL/],
  ["a INT COMMENT x", "1:15", /comment's text/],
  ["a INT DEFAULT 1", "1:7", /DEFAULT is not supported/],
  ["a VARCHAR(10)", "1:3", /VARCHAR is not supported/, /write STRING/],
  ["a char(1)", "1:3", /CHAR is not supported/, /write STRING/],
  ["a VARIANT", "1:3", /VARIANT is not supported/],
  ["a-b INT", "1:2", /unexpected "-"/, /backticks/],
  ["`a INT", "1:1", /never closed/],
  ["a INT COMMENT 'x", "1:15", /never closed/],
  ["a INT /* x", "1:7", /never closed/],
  ["`` INT", "1:1", /empty name/],
  ["1 INT", "1:1", /is a number/, /backticks/],
  ["a.b INT", "1:2", /expected a type/],
  ["💥 INT", "1:1", /unexpected "💥"/],
];

for (const [text, place, reason, hint] of MISTAKES) {
  test(`the DDL ${JSON.stringify(text)} is refused at ${place}`, () => {
    const error = errorOf(text);
    const [line, columnNumber] = place.split(":");
    assert.match(error.message, new RegExp(`line ${line}, column ${columnNumber}: `));
    assert.match(error.message, reason);
    if (hint) assert.match(error.hint ?? "", hint);
  });
}

test("the caret stands below the mistake, also after tabs", () => {
  const lines = errorOf("id INT,\n\tat TIMSTAMP").message.split("\n");
  assert.deepEqual(lines.slice(1), ["  \tat TIMSTAMP", "  \t   ^"]);
});

test("a type nested beyond the limit is refused and does not overflow the stack", () => {
  const nested = (depth: number): string => `a ${"ARRAY<".repeat(depth)}INT${">".repeat(depth)}`;
  assert.match(errorOf(nested(100_000)).message, /nested deeper/);
  assert.equal(parseDdl(nested(100)).fields.length, 1);
});

test("a comment of a million characters is read, and one that is never closed is refused", () => {
  const long = "x".repeat(1_000_000);
  assert.equal(parseDdl(`a INT COMMENT '${long}'`).fields[0]!.metadata["comment"], long);
  assert.match(errorOf(`a INT COMMENT '${"''".repeat(500_000)}`).message, /never closed/);
});

test("hints carry dotted paths, with backticks for a name that holds a dot", () => {
  assert.deepEqual(parseHints("a.b INT, tags.element.`x.y` STRING, m.value: DECIMAL(5,1)"), [
    { path: ["a", "b"], type: "integer" },
    { path: ["tags", "element", "x.y"], type: "string" },
    { path: ["m", "value"], type: "decimal(5,1)" },
  ]);
  assert.deepEqual(parseHints("  "), []);
});

test("a hint that says more than a type, or says it twice, is refused", () => {
  assert.match(errorOf("a.b INT NOT NULL", parseHints).hint ?? "", /nothing else/);
  assert.match(errorOf("a.b INT, A.B STRING", parseHints).message, /two hints/);
  assert.match(errorOf("a. INT, b", parseHints).message, /column 7: expected a type/);
  assert.match(errorOf("a INT,", parseHints).message, /missing after the comma/);
});

test("formatDdl writes Spark's names and quotes only names that need it", () => {
  const text =
    "id BIGINT NOT NULL COMMENT 'it\\'s', `odd name` STRUCT<b: INT NOT NULL, `ü`: ARRAY<TIMESTAMP_NTZ>>";
  assert.equal(formatDdl(parseDdl(text)), text);
  assert.equal(formatDdlType("decimal(10, 2)"), "DECIMAL(10,2)");
});

// Any text, and often one full of what the grammar gives a meaning to.
const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12, unit: "binary" }),
  fc.string({
    minLength: 1,
    maxLength: 12,
    unit: fc.constantFrom("`", "'", '"', "\\", "\0", "1", "n", "\n", "%"),
  }),
);
const primitive = fc.oneof(
  fc.constantFrom(...new Set(Object.values(SYNONYMS))),
  fc
    .tuple(fc.integer({ min: 1, max: 38 }), fc.nat({ max: 38 }))
    .map(([precision, scale]): DataType => `decimal(${precision},${Math.min(precision, scale)})`),
);
const { struct } = fc.letrec<{ type: DataType; struct: StructType; field: StructField }>((tie) => ({
  type: fc.oneof(
    { depthSize: "small" },
    primitive,
    tie("struct"),
    tie("type").map((elementType): DataType => ({ type: "array", elementType, containsNull: true })),
    fc.tuple(tie("type"), tie("type")).map(([keyType, valueType]): DataType => ({
      type: "map",
      keyType,
      valueType,
      valueContainsNull: true,
    })),
  ),
  field: fc
    .tuple(text, tie("type"), fc.boolean(), fc.option(text))
    .map(([name, type, nullable, comment]) =>
      column(name, type, { nullable, metadata: comment === null ? {} : { comment } }),
    ),
  struct: fc
    .uniqueArray(tie("field"), { minLength: 1, maxLength: 4, selector: (field) => field.name.toLowerCase() })
    .map((fields): StructType => ({ type: "struct", fields })),
}));

test("a comment with line ends is written on one line", () => {
  const schema: StructType = {
    type: "struct",
    fields: [column("a", "long", { metadata: { comment: "x\r\ny" } })],
  };
  assert.equal(formatDdl(schema), String.raw`a BIGINT COMMENT 'x\r\ny'`);
});

test("property: what formatDdl writes, parseDdl reads back unchanged", () => {
  fc.assert(
    fc.property(struct, (schema) => {
      assert.deepEqual(parseDdl(formatDdl(schema)), schema);
    }),
  );
});

test("property: any text is either read or refused with a place inside it", () => {
  const piece = fc.constantFrom(
    "a",
    "INT",
    "STRUCT",
    "<",
    ">",
    "(",
    ")",
    ",",
    ":",
    ".",
    "`",
    "'",
    "10",
    "NOT",
    "NULL",
    " ",
    "\n",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece, { maxLength: 30 }).map((all) => all.join(" ")),
  );
  fc.assert(
    fc.property(text, (text) => {
      const reading = readDdl(text);
      if (reading.ok) assert.deepEqual(parseDdl(formatDdl(reading.value)), reading.value);
      else assert.ok(reading.fault.offset >= 0 && reading.fault.offset <= text.length);
    }),
  );
});
