import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import type { StructType } from "../schema/data-type.ts";
import { parseDdl } from "../schema/ddl.ts";
import { checkNotNull } from "./check-not-null.ts";

function check(
  schema: StructType,
  written: { readonly path: readonly string[]; readonly nullCount: number },
  sources: readonly string[] = ["a%20b.json"],
): void {
  const { path, nullCount } = written;
  const statistics = [{ path, nullCount }];
  const files = [{ path: "/scratch/0.parquet", rows: 2, bytes: 9, partition: {}, statistics }];
  checkNotNull({ schema, partitionBy: [], files, sources, table: "/tables/t" });
}

function refusal(attempt: () => void): LandfallError {
  let found: unknown;
  assert.throws(attempt, (error) => {
    found = error;
    return isLandfallError(error, "TABLE_SCHEMA_CONFLICT");
  });
  return found as LandfallError;
}

test("a null in a column that must have none names the files and the rule that tells its record", () => {
  const schema = parseDdl("id BIGINT NOT NULL, v STRING");
  check(schema, { path: ["id"], nullCount: 0 });
  const one = refusal(() => check(schema, { path: ["id"], nullCount: 1 }));
  assert.match(
    one.message,
    /^The column id of \/tables\/t must not be null, and rows of this batch \(a b\.json\) have/,
  );
  assert.match(one.hint, /expect: \{ has_id: id IS NOT NULL \}/);
  const many = refusal(() => check(schema, { path: ["id"], nullCount: 1 }, ["a", "b", "c"]));
  assert.match(many.message, /\(a and 2 other files\)/);
});

test("a field that must not be null is named in the rule as SQL names it", () => {
  const schema = parseDdl("s STRUCT<`a b`: BIGINT NOT NULL>");
  const { hint } = refusal(() => check(schema, { path: ["s", "a b"], nullCount: 2 }));
  assert.match(hint, /has_s: s\."a b" IS NOT NULL/);
});
