import assert from "node:assert/strict";
import { test } from "node:test";
import { scratchDuckdb } from "../../../test/support/scratch-duckdb.ts";
import { isLandfallError } from "../../base/landfall-error.ts";
import type { DataType, StructType } from "../../schema/data-type.ts";
import { tableRules } from "../../schema/table-rules.ts";
import { checkRules } from "./check-rules.ts";
import { fillColumns } from "./fill-columns.ts";

function field(name: string, type: DataType, metadata = {}): StructType["fields"][number] {
  return { name, type, nullable: true, metadata };
}

const schema: StructType = {
  type: "struct",
  fields: [
    field("day", "date", { "delta.generationExpression": "CAST(at AS DATE)" }),
    field("id", "long", {
      "delta.identity.start": 10,
      "delta.identity.step": 5,
      "delta.identity.highWaterMark": 20,
      "delta.identity.allowExplicitInsert": false,
    }),
    field("at", "timestamp", { CURRENT_DEFAULT: "current_timestamp()" }),
    field("Price", "decimal(5,2)", { CURRENT_DEFAULT: "0" }),
    field("rest", { type: "array", elementType: "string", containsNull: true }),
  ],
};
const rules = tableRules({ schema, configuration: {} });
const now = "2024-02-29T12:00:00.000Z";

test("columns that rows do not say are counted, computed, their default or null, in the table's order", async (t) => {
  const duckdb = await scratchDuckdb(t);
  const given = (select: string, names: readonly string[]): string =>
    fillColumns({ select, given: names, schema, rules, now });

  const bare = given("SELECT CAST(1 AS DECIMAL(5,2)) AS price UNION ALL SELECT NULL", ["price"]);
  const rows = await duckdb.rows(`${bare} ORDER BY id`, "fill");
  assert.deepEqual(Object.keys(rows[0]!), ["day", "id", "at", "Price", "rest"]);
  assert.deepEqual(
    rows.map(({ id }) => id),
    ["25", "30"],
  );
  // A null that is given stays: a default is for what is not said.
  assert.deepEqual(new Set(rows.map((row) => row["Price"])), new Set(["1.00", null]));
  assert.equal(rows[0]!["at"], "2024-02-29 12:00:00+00");
  assert.equal(rows[0]!["day"], "2024-02-29");
  assert.equal(rows[0]!["rest"], null);

  const [other] = await duckdb.rows(
    given("SELECT TIMESTAMPTZ '2020-01-01 23:00:00Z' AS at, DATE '1999-01-01' AS day", ["AT", "Day"]),
    "fill",
  );
  assert.deepEqual(
    [other!["at"], other!["day"], other!["Price"]],
    ["2020-01-01 23:00:00+00", "1999-01-01", "0.00"],
  );
});

test("a generated value that is given is held against its expression, not computed", async (t) => {
  const duckdb = await scratchDuckdb(t);
  const check = async (day: string): Promise<void> => {
    const select = fillColumns({
      select: `SELECT TIMESTAMPTZ '2020-01-01 23:00:00Z' AS at, DATE '${day}' AS day`,
      given: ["at", "day"],
      schema,
      rules,
      now,
    });
    await checkRules({ duckdb, select, schema, rules, table: "t" });
  };
  await check("2020-01-01");
  await assert.rejects(check("2020-01-02"), (error: unknown) => {
    assert.ok(isLandfallError(error, "CONSTRAINT_VIOLATED"));
    assert.match(error.message, /the generated column day \(CAST\(at AS DATE\)\).*2020-01-02/);
    return true;
  });
});

test("values for a column that only the table counts are refused", () => {
  assert.throws(
    () => fillColumns({ select: "SELECT 1 AS ID", given: ["ID"], schema, rules, now }),
    (error: unknown) => isLandfallError(error, "CONSTRAINT_VIOLATED") && error.message.includes("column id"),
  );
});
