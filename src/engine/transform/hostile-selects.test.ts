import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { stageRequest } from "../../../test/support/stage-files.ts";
import { testEngine } from "../../../test/support/test-engine.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { isLandfallError } from "../../base/landfall-error.ts";

const engine = testEngine();

/** Each with the words that its refusal must hold. */
const HOSTILE: readonly (readonly [sql: string, words: string])[] = [
  // Files, the network, the catalog
  ["SELECT * FROM '/etc/passwd'", "reads from /etc/passwd"],
  ["SELECT * FROM 'batch.parquet'", "reads from batch.parquet"],
  ["SELECT * FROM read_text('/etc/passwd')", "the table function read_text"],
  ["SELECT * FROM batch, read_csv('/etc/passwd')", "the table function read_csv"],
  ["FROM glob('/*')", "the table function glob"],
  ["SELECT * FROM batch WHERE id IN (SELECT id FROM read_parquet('s3://bucket/x'))", "read_parquet"],
  ["SELECT (SELECT content FROM read_blob('/etc/hostname')) AS c FROM batch", "read_blob"],
  ["SELECT * FROM duckdb_secrets()", "duckdb_secrets"],
  ["SELECT * FROM duckdb_settings", "reads from duckdb_settings"],
  ["SELECT * FROM information_schema.tables", "reads from information_schema.tables"],
  ["SELECT * FROM pg_catalog.pg_class", "reads from pg_catalog.pg_class"],
  ["SELECT * FROM sqlite_master", "reads from sqlite_master"],
  ["SELECT * FROM temp.main.batch", "reads from temp.main.batch"],
  ["SELECT * FROM main.batch", "reads from main.batch"],
  ["SELECT * FROM landfall_broken", "reads from landfall_broken"],
  ["SELECT * FROM batch AT (VERSION => 1)", "reads from batch"],
  ["SELECT read_text('/etc/passwd') AS x FROM batch", "calls read_text"],
  ["SELECT getenv('HOME') AS x FROM batch", "calls getenv"],
  ["SELECT getvariable('x') AS x FROM batch", "calls getvariable"],
  ["SELECT current_setting('temp_directory') AS x FROM batch", "calls current_setting"],
  ["SELECT system.main.getenv('HOME') AS x FROM batch", "calls getenv"],
  ["SELECT list_transform([1], lambda x: getenv('HOME')) AS x FROM batch", "calls getenv"],
  ["WITH a AS (SELECT getenv('HOME') AS h) SELECT h FROM a", "calls getenv"],
  ["SELECT * EXCLUDE (id) REPLACE (getenv('HOME') AS n) FROM batch", "calls getenv"],
  ["SELECT id FROM batch ORDER BY getenv('HOME')", "calls getenv"],
  ["SELECT id FROM batch GROUP BY id, getenv('HOME')", "calls getenv"],
  ["SELECT sum(id) FILTER (getenv('HOME') = 'x') AS s FROM batch", "calls getenv"],
  ["SELECT sum(id) OVER (PARTITION BY getenv('HOME')) AS s FROM batch", "calls getenv"],
  ["SELECT b.id FROM batch b JOIN batch c ON getenv('HOME') = 'x'", "calls getenv"],
  ["SELECT id FROM batch LIMIT length(getenv('HOME'))", "LIMIT without ORDER BY"],
  ["VALUES (getenv('HOME'))", "calls getenv"],
  // More than one, or other than a SELECT
  ["SELECT 1 AS x; SELECT 2 AS y", "2 statements"],
  ["SELECT id FROM batch; DROP VIEW batch", "is no SELECT, which"],
  ["ATTACH '/tmp/x.db'", "is no SELECT, which"],
  ["COPY batch TO '/tmp/x'", "is no SELECT, which"],
  ["CREATE TABLE x AS SELECT 1", "is no SELECT, which"],
  ["PRAGMA database_list", "is no SELECT, which"],
  ["SET threads = 1", "is no SELECT, which"],
  ["EXPLAIN SELECT 1", "is no SELECT, which"],
  ["INSTALL httpfs", "is no SELECT, which"],
  ["CALL pragma_version()", "is no SELECT, which"],
  ["SELECT id FROM batch) UNION ALL (SELECT 1", "is no SQL"],
  ["SELECT id FROM batch /* never closed", "is no SQL"],
  ["", "is empty"],
  [" ;; ", "is empty"],
  ["DESCRIBE batch", "DESCRIBE"],
  ["SUMMARIZE batch", "DESCRIBE"],
  ["SHOW TABLES", "DESCRIBE"],
  ["SELECT * FROM (DESCRIBE batch)", "DESCRIBE"],
  ["SELECT * FROM batch PIVOT (sum(n) FOR k IN ('a'))", "PIVOT"],
  ["SELECT * FROM batch UNPIVOT (v FOR k IN (id, n))", "PIVOT"],
  ["PIVOT batch ON k USING sum(n)", "is no SELECT, which"],
  ["SELECT * FROM query('SELECT 1')", "the table function query"],
  ["SELECT * FROM query_table('batch')", "the table function query_table"],
  ["SELECT json_execute_serialized_sql('x') AS x", "calls json_execute_serialized_sql"],
  ["SELECT * FROM batch POSITIONAL JOIN batch b", "positional join"],
  // Names that are not in scope
  ["WITH a AS (SELECT * FROM b), b AS (SELECT 1 AS x) SELECT * FROM a", "reads from b"],
  ["SELECT * FROM (WITH a AS (SELECT 1 AS x) SELECT * FROM a), a", "reads from a"],
  ["WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r", "a recursive query"],
  ["WITH a AS (SELECT * FROM a) SELECT * FROM a", "reads from a"],
  // Time, chance, state, who
  ["SELECT now() AS t FROM batch", "calls now"],
  ["SELECT current_timestamp AS t FROM batch", "current_timestamp"],
  ["SELECT current_date AS t FROM batch", "current_date"],
  ["SELECT user AS u FROM batch", "write batch.user"],
  ["SELECT random() AS r FROM batch", "calls random"],
  ["SELECT uuid() AS r FROM batch", "calls uuid"],
  ["SELECT nextval('s') AS r FROM batch", "calls nextval"],
  ["SELECT id FROM batch USING SAMPLE 10", "a SAMPLE"],
  ["SELECT id FROM batch TABLESAMPLE 10%", "a SAMPLE"],
  ["SELECT id FROM batch LIMIT 1", "LIMIT without ORDER BY"],
  ["SELECT DISTINCT ON (k) id FROM batch", "DISTINCT ON without ORDER BY"],
  ["SELECT list(id) AS l FROM batch", "list without ORDER BY"],
  ["SELECT row_number() OVER () AS r FROM batch", "row_number OVER (…) without ORDER BY"],
  ["SELECT first(id) AS f FROM batch", "first without ORDER BY"],
  ["SELECT age(t) AS f FROM batch", "calls age"],
  // Much out of little
  ["SELECT repeat('x', 1000000000000) AS x FROM batch", "calls repeat"],
  ["SELECT unnest(range(1000000000000)) AS x FROM batch", "calls range"],
  ["SELECT * FROM range(1000000000000)", "the table function range"],
  ["SELECT * FROM generate_series(1, 1000000000000)", "the table function generate_series"],
  ["SELECT lpad(k, 2000000000, 'x') AS x FROM batch", "calls lpad"],
  // What is no value, and types that bring code along
  ["SELECT $1 AS x FROM batch", "a parameter"],
  ["SELECT ? AS x FROM batch", "a parameter"],
  ["SELECT #1 AS x FROM batch", "by its position"],
  ["SELECT k COLLATE nocase AS x FROM batch", "a collation"],
  ["SELECT COLUMNS(c -> getenv(c) = 'x') FROM batch", "COLUMNS with a lambda"],
  ["SELECT CAST(k AS pg_catalog.regclass) AS x FROM batch", "casts to regclass"],
  ["SELECT CAST(k AS ENUM('a', 'b')) AS x FROM batch", "casts to ENUM"],
  ["SELECT CAST([k] AS ENUM('a')[]) AS x FROM batch", "is no SQL"],
  ["SELECT CAST({'a': k} AS STRUCT(a UNION(x INT))) AS x FROM batch", "casts to UNION"],
  // Columns without names
  ["SELECT count(*) FROM batch", "gives its column 1 no name"],
  ["SELECT id, id + 1 FROM batch UNION ALL SELECT 1, 2", "gives its column 2 no name"],
];

test("hostile transforms are refused by name before any file is opened", async (t) => {
  const folder = temporaryFolder(t);
  // A file that is not there would be quarantined by a read.
  const files = [{ key: "gone.json", path: join(folder, "gone.json"), size: 10 }];
  const wrong: string[] = [];
  for (const [sql, words] of HOSTILE) {
    const transform = { kind: "sql", name: "bad.sql", sql } as const;
    const answer = await engine.stage(stageRequest(folder, { format: "json", files, transform })).then(
      () => "it was staged",
      (error: unknown) =>
        isLandfallError(error, "TRANSFORM_INVALID") ? error.message : `other: ${String(error)}`,
    );
    const isReadFirst = answer.includes("cannot be read");
    if (isReadFirst || !answer.startsWith("The transform bad.sql ") || !answer.includes(words))
      wrong.push(`${sql} => ${answer}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(HOSTILE.length >= 40);
});
