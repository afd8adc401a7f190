import assert from "node:assert/strict";
import { test } from "node:test";
import { testEngine } from "../../test/support/test-engine.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { nullableField, type StructType } from "../schema/data-type.ts";
import type { Literal, Predicate } from "../schema/predicate.ts";

const engine = testEngine();
const f = nullableField;
const schema: StructType = {
  type: "struct",
  fields: [
    f("id", "long"),
    f("amount", "decimal(10,2)"),
    f("reading", "double"),
    f("small", "float"),
    f("Name", "string"),
    f("day", "date"),
    f("moment", "timestamp"),
    f("local", "timestamp_ntz"),
    f("ok", "boolean"),
    f("raw", "binary"),
    f("place", { type: "struct", fields: [f("lat", "double"), f("t", "string")] }),
    f("t", { type: "struct", fields: [f("x", "long")] }),
  ],
};

const where = (sql: string): Promise<Predicate> => engine.predicateOf({ sql, schema });
const select = (sql: string): Promise<Predicate> => engine.predicateOf({ sql, schema, whole: "t" });

/** A predicate in few words. */
function print(predicate: Predicate): string {
  const value = ({ type, text }: Literal): string => `${text}:${type}`;
  switch (predicate.kind) {
    case "and":
    case "or":
      return `(${predicate.of.map(print).join(` ${predicate.kind} `)})`;
    case "not":
      return `not ${print(predicate.of)}`;
    case "unknown":
      return "?";
    case "compare":
      return `${predicate.column.join(".")} ${predicate.op} ${value(predicate.value)}`;
    case "in":
      return `${predicate.column.join(".")} in ${predicate.values.map(value).join(",")}`;
    case "startsWith":
      return `${predicate.column.join(".")} starts ${predicate.prefix}`;
    case "isNull":
    case "isNotNull":
      return `${predicate.column.join(".")} ${predicate.kind}`;
  }
}

const CONDITIONS: readonly (readonly [sql: string, predicate: string])[] = [
  ["id = 9007199254740993", "id = 9007199254740993:long"],
  ["-5 < ID", "id > -5:long"],
  ["id > 1.50", "id > 1.50:decimal(3,2)"],
  ["id > 123456789012345678901234567890", "id > 123456789012345678901234567890:decimal(38,0)"],
  ["id = '7'", "id = 7:long"],
  ["id = 1e3", "?"],
  ["id = 5::SMALLINT", "id = 5:long"],
  ["amount = 3", "amount = 3:long"],
  ["amount BETWEEN 1 AND 2.345", "(amount >= 1:long and amount <= 2.345:decimal(4,3))"],
  ["reading < 0.1", "reading < 0.1:double"],
  ["reading = 'NaN'", "reading = nan:double"],
  ["small = 0.1", "small = 0.1:float"],
  ["small = CAST('0.1' AS DOUBLE)", "small = 0.1:double"],
  ["small IN (0.1, CAST('0.1' AS DOUBLE))", "?"],
  ["name = 'it''s'", "Name = it's:string"],
  ["name = 5", "?"],
  ["name = CAST('x' AS VARCHAR)", "?"],
  ["name LIKE 'ab%'", "Name starts ab"],
  ["name LIKE 'a%b'", "?"],
  ["name LIKE 'a_'", "?"],
  ["name LIKE ''", "Name = :string"],
  ["name NOT LIKE 'ab%'", "not Name starts ab"],
  ["name ILIKE 'ab%'", "?"],
  ["starts_with(name, 'ab') OR name ^@ 'cd'", "(Name starts ab or Name starts cd)"],
  ["day >= '2024-02-29'", "day >= 2024-02-29:date"],
  [
    "day = DATE '2024-02-29' AND '2024-03-01'::date > day",
    "(day = 2024-02-29:date and day < 2024-03-01:date)",
  ],
  ["day = TIMESTAMP '2024-02-29 00:00:00'", "?"],
  ["moment > TIMESTAMPTZ '2024-01-01 01:00:00+01'", "moment > 2024-01-01 00:00:00+00:timestamp"],
  ["moment > '2024-01-01 01:00:00.123456'", "moment > 2024-01-01 01:00:00.123456+00:timestamp"],
  ["local = DATE '2024-01-01'", "local = 2024-01-01 00:00:00:timestamp_ntz"],
  ["local = TIMESTAMPTZ '2024-01-01 00:00:00Z'", "?"],
  ["moment > now()", "?"],
  ["moment > current_date - 7 AND id = 1", "(? and id = 1:long)"],
  ["ok", "ok = true:boolean"],
  ["NOT ok", "not ok = true:boolean"],
  ["ok = false", "ok = false:boolean"],
  ["raw = 'a'::BLOB", "?"],
  ["raw IS NULL", "raw isNull"],
  ["place.lat > 5 AND place['t'] = 'x'", "(place.lat > 5.0:double and place.t = x:string)"],
  ["t.id = 1 AND t.place.lat < 2", "(id = 1:long and place.lat < 2.0:double)"],
  // Of the relation's field or of the column's: a name that may mean either is not judged, and this one means the column.
  ["t.x = 1", "t.x = 1:long"],
  ["id IN (1, NULL, 2)", "?"],
  ["id NOT IN (1, 2)", "not id in 1:long,2:long"],
  ["id IS NOT NULL", "id isNotNull"],
  ["id = NULL", "?"],
  ["id + 1 = 2", "?"],
  ["id IS DISTINCT FROM 3", "?"],
  ["abs(id) = 1 OR id = 2", "(? or id = 2:long)"],
  ["day = 'no day'", "?"],
  ["id = 1 -- it's said", "id = 1:long"],
];

test("of a condition what partition values and statistics can judge is read, and the rest is unknown", async () => {
  const found: [string, string][] = [];
  for (const [sql] of CONDITIONS) found.push([sql, print(await where(sql))]);
  assert.deepEqual(found, CONDITIONS);
});

test("of a SELECT from the relation alone the condition is read; of any other nothing", async () => {
  const known = [
    "SELECT * FROM t WHERE id = 1",
    "SELECT u.day, count(*) FROM T AS u WHERE u.id = 1 GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 3",
    "SELECT id AS name FROM t WHERE id = 1;",
  ];
  for (const sql of known) assert.equal(print(await select(sql)), "id = 1:long", sql);
  const unknown = [
    "SELECT * FROM t",
    "SELECT * FROM t, t AS u WHERE t.id = 1",
    "SELECT * FROM t JOIN (SELECT 1 AS id) AS u USING (id) WHERE id = 1",
    "SELECT (SELECT max(id) FROM t) FROM t WHERE id = 1",
    "SELECT * FROM t WHERE id = 1 AND EXISTS (SELECT 1 FROM t)",
    "WITH t AS (SELECT 1 AS id) SELECT * FROM t WHERE id = 1",
    "SELECT * FROM t WHERE id = 1 UNION ALL SELECT * FROM t",
    "SELECT * FROM (SELECT * FROM t) WHERE id = 1",
    "SELECT * FROM t TABLESAMPLE 10% WHERE id = 1",
    "SELECT * FROM t USING SAMPLE 3 WHERE id = 1",
    "SELECT * FROM t AS u(a, b) WHERE a = 1",
    "SELECT * FROM other WHERE id = 1",
    "SELECT * FROM main.t WHERE id = 1",
    "SELECT 1; SELECT * FROM t WHERE id = 1",
    "no SQL at all",
    "DELETE FROM t WHERE id = 1",
  ];
  for (const sql of unknown) assert.equal(print(await select(sql)), "?", sql);
});

test("a condition that is none over the columns is refused", async () => {
  const refused = [
    "id = 1\0",
    "name = 'a\0b'",
    "",
    "absent = 1",
    "id =",
    "id = 1; SELECT 1",
    "id = 1) OR (ok",
    "id IN (SELECT 1)",
    "sum(id) > 1",
    "row_number() OVER () = 1",
  ];
  for (const sql of refused) {
    await assert.rejects(where(sql), (error) => isLandfallError(error, "QUERY_INVALID"), sql);
  }
});
