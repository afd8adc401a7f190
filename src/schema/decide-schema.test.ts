import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nullableField } from "./data-type.ts";
import { parseDdl, parseHints } from "./ddl.ts";
import { decideSchema, settleSchema, type SchemaDecision, type SchemaWishes } from "./decide-schema.ts";
import { addsColumns, EVOLUTION_MODES } from "./evolution-mode.ts";
import { formatDdl, formatDdlType } from "./format-ddl.ts";
import { keyPathText, typeAt } from "./key-path.ts";
import { EMPTY_TRIE, type TrieNode } from "./lattice.ts";
import { unifySchemas } from "./unify-types.ts";
import { VALUE_CLASS } from "./value-class.ts";

const WISHES: SchemaWishes = {
  hints: [],
  own: [nullableField("_rescued_data", "string")],
  evolutionMode: "addNewColumns",
};

interface Wanted extends Partial<Omit<SchemaWishes, "hints">> {
  /** What the data holds, as a schema. */
  readonly data: string;
  readonly table?: string;
  readonly hints?: string;
}

function decide({ data, table, hints, ...wishes }: Wanted): SchemaDecision {
  return settleSchema({
    ...WISHES,
    ...wishes,
    hints: parseHints(hints ?? ""),
    ...(table === undefined ? {} : { tableSchema: parseDdl(table) }),
    infer: (options) => unifySchemas({ schemas: data === "" ? [] : [parseDdl(data)], options }),
    dataAt: (path) => typeAt(parseDdl(data === "" ? "none INT" : data), path),
  });
}

function ddl(wanted: Wanted): string {
  return formatDdl(decide(wanted).schema);
}

function refused(wanted: Wanted): string[] {
  return decide({ evolutionMode: "failOnNewColumns", ...wanted }).refused.map(keyPathText);
}

const TABLE =
  "a INT, s STRUCT<x: INT>, l ARRAY<STRUCT<x: INT>>, m MAP<STRING, STRUCT<x: INT>>, _rescued_data STRING";
const DATA =
  "a INT, s STRUCT<x: INT, y: INT>, l ARRAY<STRUCT<y: INT>>, m MAP<STRING, STRUCT<y: INT>>, b DATE, c STRUCT<x: INT>";

test("addNewColumns: columns, fields, and those within arrays and maps are added at their ends", () => {
  assert.equal(
    ddl({ table: TABLE, data: DATA }),
    "a INT, s STRUCT<x: INT, y: INT>, l ARRAY<STRUCT<x: INT, y: INT>>, m MAP<STRING, STRUCT<x: INT, y: INT>>, _rescued_data STRING, b DATE, c STRUCT<x: INT>",
  );
  assert.deepEqual(decide({ table: TABLE, data: DATA }).added.map(keyPathText), [
    "s.y",
    "l.element.y",
    "m.value.y",
    "b",
    "c",
  ]);
});

for (const evolutionMode of ["rescue", "failOnNewColumns", "none"] as const) {
  test(`${evolutionMode}: the table's columns stay as they are`, () => {
    assert.equal(ddl({ table: TABLE, data: DATA, evolutionMode }), formatDdl(parseDdl(TABLE)));
    assert.deepEqual(decide({ table: TABLE, data: DATA, evolutionMode }).added, []);
  });

  test(`${evolutionMode}: a hint adds its column, and a field, for a person has named it`, () => {
    assert.equal(
      ddl({ table: "s STRUCT<x: INT>", data: DATA, hints: "b DATE, s.z INT", evolutionMode }),
      "s STRUCT<x: INT, z: INT>, b DATE, _rescued_data STRING",
    );
  });

  test(`${evolutionMode}: a table without a column for data takes those of the batch`, () => {
    const wanted = "a INT, _rescued_data STRING";
    assert.equal(ddl({ data: "a INT", evolutionMode }), wanted);
    assert.equal(
      ddl({ table: "_rescued_data STRING", data: "a INT", evolutionMode }),
      "_rescued_data STRING, a INT",
    );
    assert.deepEqual(refused({ data: "a INT" }), []);
  });

  test(`${evolutionMode}: stated columns are the table's, those that it lacks are added and may be null`, () => {
    const columns = parseDdl("a INT NOT NULL, b DATE NOT NULL");
    assert.equal(
      ddl({ data: DATA, columns, evolutionMode }),
      "a INT NOT NULL, b DATE NOT NULL, _rescued_data STRING",
    );
    assert.equal(
      ddl({ table: "a INT NOT NULL, o INT", data: DATA, columns, evolutionMode }),
      "a INT NOT NULL, o INT, b DATE, _rescued_data STRING",
    );
  });
}

test("failOnNewColumns names the outermost new paths, and nothing in the other modes", () => {
  assert.deepEqual(refused({ table: TABLE, data: DATA }), ["s.y", "l.element.y", "m.value.y", "b", "c"]);
  for (const evolutionMode of ["addNewColumns", "rescue", "none"] as const)
    assert.deepEqual(refused({ table: TABLE, data: DATA, evolutionMode }), []);
  assert.deepEqual(refused({ data: DATA, columns: parseDdl("a INT, s STRUCT<x: INT>") }), [
    "s.y",
    "l",
    "m",
    "b",
    "c",
  ]);
});

test("failOnNewColumns: another type, another case, the rescued column's name and hinted keys are no new columns", () => {
  assert.deepEqual(refused({ table: TABLE, data: "A STRING, s STRING, l INT, _RESCUED_DATA INT" }), []);
  assert.deepEqual(refused({ table: TABLE, data: "b DATE", hints: "b STRING" }), []);
});

test("without a rescued-data column there is none, and a standing one stays", () => {
  const none = { evolutionMode: "none", own: [] } as const;
  assert.equal(ddl({ data: "a INT", ...none }), "a INT");
  assert.equal(
    ddl({ table: "a INT, _rescued_data STRING", data: "b INT", ...none }),
    "a INT, _rescued_data STRING",
  );
});

test("element in a hint is the element of an array, unless the table or the data has a struct there", () => {
  const hints = "l.element.x DOUBLE, l.element.y DATE, t.element STRING, e.element INT";
  assert.equal(
    ddl({ data: "", table: "e STRUCT<element: LONG>", hints }),
    "e STRUCT<element: BIGINT>, l ARRAY<STRUCT<x: DOUBLE, y: DATE>>, t ARRAY<STRING>, _rescued_data STRING",
  );
  const objects = trie({ l: trie({ element: trie({}) }) });
  const decision = decideSchema({
    ...WISHES,
    hints: parseHints("l.element DATE, element INT"),
    trie: objects,
  });
  assert.equal(formatDdl(decision.schema), "l STRUCT<element: DATE>, element INT, _rescued_data STRING");
});

test("key and value in a hint are a map's where the table, another hint or the data has a map there", () => {
  const data = "p MAP<STRING, BIGINT>, d MAP<STRUCT<id: BIGINT, n: INT>, STRUCT<c: BIGINT, t: STRING>>";
  assert.equal(
    ddl({ data, hints: "p.value INT, d.key.id STRING, d.value.c DECIMAL(10,2), d.value.z DATE" }),
    "p MAP<STRING, INT>, d MAP<STRUCT<id: STRING, n: INT>, STRUCT<c: DECIMAL(10,2), t: STRING, z: DATE>>, _rescued_data STRING",
  );
  assert.equal(
    ddl({
      data: "",
      hints: "t.value DECIMAL(10,2), t MAP<STRING, STRING>, u MAP<STRING, STRING>, u.key INT",
    }),
    "t MAP<STRING, DECIMAL(10,2)>, u MAP<INT, STRING>, _rescued_data STRING",
  );
  assert.equal(
    ddl({ data: "", table: "m MAP<STRING, STRUCT<x: INT>>", hints: "m.value.y DATE, m.value.x STRING" }),
    "m MAP<STRING, STRUCT<x: INT, y: DATE>>, _rescued_data STRING",
  );
});

test("key and value in a hint are fields where a struct is, or where nothing tells of a map", () => {
  const hints = "a.key STRING, a.value INT, b.element.value DATE, s.value INT, value INT, key INT";
  assert.equal(
    ddl({ data: "b ARRAY<STRUCT<key: STRING, value: STRING>>", table: "s STRUCT<value: LONG>", hints }),
    "s STRUCT<value: BIGINT>, b ARRAY<STRUCT<key: STRING, value: DATE>>, a STRUCT<key: STRING, value: INT>, value INT, key INT, _rescued_data STRING",
  );
  const objects = trie({ m: trie({ value: trie({}), other: trie({}) }) });
  const decided = (text: string): string =>
    formatDdl(decideSchema({ ...WISHES, hints: parseHints(text), trie: objects }).schema);
  assert.equal(decided("m.value DATE"), "m STRUCT<value: DATE, other: BIGINT>, _rescued_data STRING");
  assert.equal(decided("m MAP<STRING, STRING>, m.value DATE"), "m MAP<STRING, DATE>, _rescued_data STRING");
});

test("hints that say more of one thing mean the same in any order", () => {
  const hints =
    "l ARRAY<STRUCT<x: INT>>, l.element.y DATE, m MAP<STRING, INT>, m.value STRUCT<z: INT>, m.value.w INT";
  const wanted = ddl({ data: "", hints });
  assert.equal(
    wanted,
    "l ARRAY<STRUCT<x: INT, y: DATE>>, m MAP<STRING, STRUCT<z: INT, w: INT>>, _rescued_data STRING",
  );
  const reversed = parseHints(hints)
    .toReversed()
    .map(({ path, type }) => `${path.join(".")} ${formatDdlType(type)}`);
  const sorted = (text: string): string[] => text.split(/, (?=[lm_])/).toSorted();
  assert.deepEqual(sorted(ddl({ data: "", hints: reversed.join(", ") })), sorted(wanted));
});

function trie(fields: Readonly<Record<string, TrieNode>>): TrieNode {
  return {
    ...EMPTY_TRIE,
    mask: Object.keys(fields).length === 0 ? VALUE_CLASS.INT8 : VALUE_CLASS.OBJ,
    first: { file: 0, offset: 0 },
    fields: new Map(Object.entries(fields)),
  };
}

test("in no mode does a table lose a column or change a type, and a second batch of the same data changes nothing", () => {
  const name = fc.constantFrom("a", "b", "c", "A b", "s");
  const type = fc.constantFrom("INT", "STRING", "STRUCT<x: INT>", "STRUCT<y: DATE>", "ARRAY<STRUCT<z: INT>>");
  const fields = fc.uniqueArray(fc.record({ name, type }), {
    selector: (field) => field.name,
    minLength: 1,
  });
  const text = fields.map((list) => list.map((field) => `\`${field.name}\` ${field.type}`).join(", "));
  fc.assert(
    fc.property(text, text, fc.constantFrom(...EVOLUTION_MODES), (first, second, evolutionMode) => {
      const made = decide({ data: first, evolutionMode });
      const grown = (tableSchema: SchemaDecision["schema"], data: string): SchemaDecision =>
        settleSchema({
          ...WISHES,
          evolutionMode,
          tableSchema,
          infer: (options) => unifySchemas({ schemas: [parseDdl(data)], options }),
          dataAt: () => undefined,
        });
      const next = grown(made.schema, second);
      for (const [i, field] of made.schema.fields.entries())
        assert.equal(next.schema.fields[i]?.name, field.name);
      if (!addsColumns(evolutionMode)) assert.deepEqual(next.schema, made.schema);
      assert.deepEqual(grown(next.schema, second).schema, next.schema);
    }),
  );
});
