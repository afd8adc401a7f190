import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { stageContents, type Staged } from "../../test/support/stage-files.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { writeParquetFile } from "../../test/support/write-parquet-file.ts";
import { parseDdl, parseHints } from "../schema/ddl.ts";
import type { StageRequest } from "./engine.ts";

const engine = testEngine();

/** Members in their order, names equal or not: what no JavaScript object holds. */
type Value = bigint | { readonly list: readonly Value[] } | { readonly members: readonly Member[] };
type Member = readonly [name: string, value: Value];

function jsonOf(value: Value): string {
  if (typeof value === "bigint") return String(value);
  if ("list" in value) return `[${value.list.map(jsonOf).join(",")}]`;
  return `{${value.members.map(([name, inner]) => `${JSON.stringify(name)}:${jsonOf(inner)}`).join(",")}}`;
}

/** DuckDB writes no names that are equal but for their case, so it writes others of four letters, which the bytes then take on. */
async function parquetOf(t: TestContext, record: readonly Member[]): Promise<Buffer> {
  const names: string[] = [];
  const standIn = (name: string): string => `"z${String(names.push(name)).padStart(3, "0")}"`;
  const sql = (value: Value): string => {
    if (typeof value === "bigint") return `${value}::BIGINT`;
    if ("members" in value)
      return `{${value.members.map(([name, inner]) => `${standIn(name)}: ${sql(inner)}`).join(", ")}}`;
    // Elements are of one type, so that they have the stand-ins of the first.
    const before = names.length;
    return `[${value.list
      .map((element) => {
        names.length = before;
        return sql(element);
      })
      .join(", ")}]`;
  };
  const path = join(temporaryFolder(t), "names.parquet");
  const columns = record.map(([name, value]) => `${sql(value)} AS ${standIn(name)}`);
  await writeParquetFile(path, `SELECT ${columns.join(", ")}`, "COMPRESSION uncompressed");
  const text = readFileSync(path).toString("latin1");
  return Buffer.from(
    text.replaceAll(/z\d{3}/g, (standing) => names[Number(standing.slice(1)) - 1]!),
    "latin1",
  );
}

async function stage(
  t: TestContext,
  records: readonly (readonly Member[])[],
  options: Partial<StageRequest> = {},
): Promise<Staged> {
  const contents: Record<string, Buffer> = {};
  for (const [i, record] of records.entries()) contents[`file${i}`] = await parquetOf(t, record);
  return stageContents(engine, t, contents, { ...options, format: "parquet" });
}

const pair: Value = {
  members: [
    ["pppp", 1n],
    ["PPPP", 2n],
  ],
};

test("fields that differ by case are told apart at every depth, and no field's value stands under another's name", async (t) => {
  const other: Value = {
    members: [
      ["pppp", 3n],
      ["PP_1", 4n],
    ],
  };
  const inArray = { list: [pair, pair] };
  const { ddl, rows } = await stage(t, [
    [
      ["stst", pair],
      ["list", inArray],
    ],
    [["stst", other]],
  ]);
  assert.equal(
    ddl,
    "stst STRUCT<PPPP: BIGINT, PP_1: BIGINT>, list ARRAY<STRUCT<PPPP: BIGINT>>, _rescued_data STRING",
  );
  assert.deepEqual(rows.map(rescuedOf), [
    { stst: { pppp: 1 }, list: [{ pppp: 1 }, { pppp: 1 }], _file_path: "file0" },
    { stst: { pppp: 3 }, _file_path: "file1" },
  ]);
  assert.match(rows[0]!, /"stst":\{"PPPP":"2","PP_1":null\},"list":\[\{"PPPP":"2"\},\{"PPPP":"2"\}\]/);
});

function rescuedOf(row: string): unknown {
  const { _rescued_data: text } = JSON.parse(row) as { readonly _rescued_data: string };
  return JSON.parse(text);
}

test("a table's field takes the field that is spelt like it, of a name that stands twice the last", async (t) => {
  const known = { tableSchema: parseDdl("stst STRUCT<PPPP: BIGINT>, _rescued_data STRING") };
  const spelt = await stage(t, [[["stst", pair]]], known);
  assert.equal(spelt.ddl, "stst STRUCT<PPPP: BIGINT>, _rescued_data STRING");
  assert.match(spelt.rows[0]!, /"PPPP":"2".*\{\\"pppp\\":1\}/);
  const twice: Value = {
    members: [
      ["PPPP", 1n],
      ["PPPP", 2n],
      ["PP_1", 3n],
    ],
  };
  const last = await stage(t, [[["stst", twice]]], { ...known, evolutionMode: "rescue" });
  assert.match(last.rows[0]!, /"PPPP":"2".*\{\\"stst\\":\{\\"PPPP\\":1,\\"PP_1\\":3\}/);
});

test("a map whose values have such fields is kept or rescued as a whole, under the names that the file has", async (t) => {
  const path = join(temporaryFolder(t), "map.parquet");
  await writeParquetFile(path, "SELECT MAP {'k': {'aaaa': 1, 'QQQQ': 2}} AS m");
  const bytes = Buffer.from(readFileSync(path).toString("latin1").replaceAll("QQQQ", "AAAA"), "latin1");
  const hints = parseHints("m MAP<STRING, STRUCT<AAAA: INT>>");
  const { rows } = await stageContents(engine, t, { f: bytes }, { format: "parquet", hints });
  assert.deepEqual(rescuedOf(rows[0]!), { m: { k: { aaaa: 1, AAAA: 2 } }, _file_path: "f" });
});

/** Each name has its kind of value, whatever its case, so that the types that JSON is inferred to are the files' own. */
const { member: anyMember } = fc.letrec<{ member: Member; struct: Value }>((tie) => ({
  member: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.tuple(fc.constantFrom("abcd", "ABCD", "abCD", "ab_0", "AB_0"), fc.bigInt(0n, 99n)),
    fc.tuple(fc.constantFrom("stst", "STST", "stST"), tie("struct")),
    fc.tuple(fc.constantFrom("list", "LIST"), fc.record({ list: fc.tuple(tie("struct")) })),
  ),
  struct: fc.record({ members: fc.array(tie("member"), { minLength: 1, maxLength: 4 }) }),
}));
const anyRecord = fc.array(anyMember, { minLength: 1, maxLength: 4 });

test("property: a table takes from a record, and rescues of it, what it does of the same record as JSON, case heeded or not", async (t) => {
  await fc.assert(
    fc.asyncProperty(anyRecord, fc.boolean(), async (record, readerCaseSensitive) => {
      const line = jsonOf({ members: record });
      const options = { format: "json", readerCaseSensitive } as const;
      const fromJson = await stageContents(engine, t, { file0: line }, options);
      const known = { tableSchema: fromJson.result.schema, evolutionMode: "rescue" } as const;
      const fromParquet = await stage(t, [record], { readerCaseSensitive, ...known });
      assert.deepEqual(fromParquet.rows, fromJson.rows, line);
      // And with the schema that the file itself gives, each value stands in one place.
      const alone = await stage(t, [record], { readerCaseSensitive });
      assert.deepEqual(numbersOf(alone.rows[0]!), numbersOf(line), line);
    }),
    { numRuns: 25 },
  );
});

function numbersOf(text: string): string[] {
  const withoutNames = text.replaceAll(/\\?"[a-z_0]+\\?":/gi, ":").replaceAll(/file0/g, "");
  return (withoutNames.match(/[0-9]+/g) ?? []).toSorted();
}
