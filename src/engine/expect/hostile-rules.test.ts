import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileOf, stageRequest, writeFiles } from "../../../test/support/stage-files.ts";
import { testEngine } from "../../../test/support/test-engine.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { isLandfallError } from "../../base/landfall-error.ts";

const engine = testEngine();

/** Each with the words that its refusal must hold. */
const HOSTILE: readonly (readonly [rule: string, words: string])[] = [
  // Files and the network
  ["(SELECT count(*) FROM read_csv('/etc/passwd')) > 0", "a subquery"],
  ["EXISTS (SELECT * FROM glob('/*'))", "a subquery"],
  ["a IN (SELECT content FROM read_text('/etc/hostname'))", "a subquery"],
  ["a = ANY (FROM read_parquet('s3://bucket/x'))", "a subquery"],
  ["(FROM duckdb_secrets()) IS NULL", "a subquery"],
  ["read_text('/etc/passwd') IS NULL", "calls read_text"],
  ["getenv('HOME') = '/root'", "calls getenv"],
  ["getvariable('x') IS NULL", "calls getvariable"],
  ["current_setting('temp_directory') = ''", "calls current_setting"],
  ["main.current_setting('home_directory') = ''", "calls current_setting"],
  ["system.main.getenv('HOME') IS NULL", "calls getenv"],
  ["pg_catalog.pg_backend_pid() > 0", "calls"],
  ["version() = ''", "calls version"],
  ["current_database() = 'memory'", "calls current_database"],
  ["in_search_path('a', 'b')", "calls in_search_path"],
  ["write_log('x') IS NULL", "calls write_log"],
  // Out of the brackets
  ["true) FROM read_text('/etc/passwd') WHERE (true", "not one expression"],
  ["true); DROP TABLE landfall_broken; SELECT (true", "not one expression"],
  ["true; ATTACH '/tmp/x.db'", "is no SQL expression"],
  ["true) UNION ALL SELECT (false", "not one expression"],
  ["true) OR (true", "not one expression"],
  ["true, false", "not one expression"],
  ["true) AS kept, (false", "not one expression"],
  ["a /* never closed", "is no SQL expression"],
  ["", "is no SQL expression"],
  ["COPY (SELECT 1) TO '/tmp/x'", "is no SQL expression"],
  // What is no value of the row
  ["*", "`*`"],
  ["COLUMNS(*) IS NOT NULL", "`*`"],
  ["#1 = 1", "by its position"],
  ["$1", "a parameter"],
  ["? = 1", "a parameter"],
  ["sum(a) > 1", "calls sum"],
  ["count(*) FILTER (a > 1) > 1", "calls count"],
  ["row_number() OVER () < 10", "a window function"],
  ["abs(DISTINCT a) > 1", "as an aggregate"],
  ["list_transform([1], lambda x: getenv('HOME')) IS NULL", "calls list_transform"],
  ["contains([1], lambda x: x)", "a lambda"],
  ["unnest([true, false])", "calls unnest"],
  // Time, chance, state
  ["random() < 0.5", "calls random"],
  ["now() > b", "calls now"],
  ["uuid() IS NULL", "calls uuid"],
  ["nextval('s') > 1", "calls nextval"],
  ["txid_current() > 1", "calls txid_current"],
  // Much out of little
  ["length(repeat('x', 1000000000000)) > 0", "calls repeat"],
  ["len(range(1000000000000)) > 0", "calls range"],
  ["lpad(a, 2000000000, 'x') IS NULL", "calls lpad"],
  ["printf('%2000000000d', 1) IS NULL", "calls printf"],
  // Types and what brings code along
  ["CAST(a AS pg_catalog.regclass) IS NULL", "casts to regclass"],
  ["a::ENUM('x', 'y') IS NULL", "casts to ENUM"],
  ["a COLLATE nocase = 'x'", "a collation"],
  ["query('SELECT 1') IS NULL", "calls query"],
  ["json_execute_serialized_sql('x') IS NULL", "calls json_execute_serialized_sql"],
  ["add_parquet_key('k', 'v') IS NULL", "calls add_parquet_key"],
  [`a = '${"x".repeat(10_000)}'`, "is longer than"],
];

test("hostile rules are refused by name before any file is opened", async (t) => {
  const folder = temporaryFolder(t);
  // A file that is not there would be quarantined by a read.
  const files = [{ key: "gone.json", path: join(folder, "gone.json"), size: 10 }];
  const wrong: string[] = [];
  for (const [sql, words] of HOSTILE) {
    const expect = [
      { name: "good", sql: "true" },
      { name: "bad_rule", sql },
    ];
    const answer = await engine.stage(stageRequest(folder, { format: "json", files, expect })).then(
      () => "it was staged",
      (error: unknown) =>
        isLandfallError(error, "EXPECT_INVALID") ? error.message : `other: ${String(error)}`,
    );
    if (!answer.startsWith("The rule bad_rule of expect ") || !answer.includes(words))
      wrong.push(`${sql.slice(0, 80)} => ${answer}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(HOSTILE.length >= 40);
});

test("names that are no columns are refused before a row is written, whatever else they stand for", async (t) => {
  const folder = temporaryFolder(t);
  writeFiles(folder, { "a.json": '{"a":1}\n' });
  const files = [fileOf(folder, "a.json")];
  for (const sql of [
    "current_user = 'x'",
    "user IS NULL",
    "batch IS NOT NULL",
    "rowid > 1",
    "filename IS NULL",
    "landfall_broken.rule IS NULL",
    "b > 1",
    "batch.b > 1",
  ]) {
    await assert.rejects(
      engine.stage(stageRequest(folder, { format: "json", files, expect: [{ name: "r", sql }] })),
      (error) => isLandfallError(error, "EXPECT_INVALID") && error.message.includes("no such column"),
      sql,
    );
  }
  for (const [sql, words] of [
    ["a", "is a BIGINT"],
    ["NULL", "not true or false"],
    ["length(a) > 1", "cannot be computed: length does not take (BIGINT); give a column another type"],
    ["CAST(a AS VARCHAR) + 1 > 2", "cannot be computed: + does not take (VARCHAR, INTEGER);"],
  ] as const) {
    await assert.rejects(
      engine.stage(stageRequest(folder, { format: "json", files, expect: [{ name: "r", sql }] })),
      (error) => isLandfallError(error, "EXPECT_INVALID") && error.message.includes(words),
      sql,
    );
  }
});
