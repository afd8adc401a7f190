/**
 * The rows of every table of the corpora at its newest version (test/tables/delta-rows.tsv): equal to those that Spark read, value by value,
 * where they are kept; as many as another reader counted; or the error. What is expected is read by DuckDB alone, from plain Parquet.
 */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { DuckDBInstance, DuckDBTimestampTZValue } from "@duckdb/node-api";
import { LandfallError } from "../../src/base/landfall-error.ts";
import type { QueryResult } from "../../src/engine/engine.ts";
import { quoteName, quoteText } from "../../src/engine/sql.ts";
import { queryTable } from "../../src/operate/query-table.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { corporaFolder, corporaMissing } from "../support/corpora.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";

const skip = corporaMissing();
const folder = join(corporaFolder(), "delta");
const answers = readTsv(join(import.meta.dirname, "delta-rows.tsv")).map(([name, , answer]) => [
  name!,
  answer!,
]);
/** More rows than these are compared by a sum of their hashes. */
const MOST_AS_TEXT = 10_000;

const scratch = temporaryFolder({ after });
const engine = testEngine({ memoryBytes: 1024 ** 3 });

function readTsv(file: string): string[][] {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.filter((line) => !line.startsWith("#")).map((line) => line.split("\t"));
}

function query(name: string, sql: string): Promise<QueryResult> {
  const storage = localStorage({ root: join(folder, name) });
  return queryTable({ storage, engine, scratchFolder: scratch, sql, limit: 2_000_000 });
}

test("every table of which the log's outcome is listed has its answer", () => {
  const outcomes = readTsv(join(import.meta.dirname, "delta-corpora.tsv"));
  const answerOf = new Map(answers as [string, string][]);
  assert.deepEqual(new Set(answerOf.keys()), new Set(outcomes.map(([name]) => name!)));
  const errors = outcomes.filter(([, outcome]) => /^[A-Z_]+: /.test(outcome!));
  for (const [name, outcome] of errors) assert.equal(answerOf.get(name!), outcome!.split(":", 1)[0], name);
});

for (const [name, answer] of answers as [string, string][]) {
  test(`${name}: ${answer}`, { skip }, async () => {
    const said = /^(\d+) rows(.*)$/.exec(answer);
    if (said === null) {
      await assert.rejects(query(name, "SELECT * FROM t"), (error) => {
        assert.ok(error instanceof LandfallError, String(error));
        assert.equal(error.code, answer);
        assert.ok(
          error.message.includes(join(folder, name)) || error.code.endsWith("UNSUPPORTED"),
          error.message,
        );
        return true;
      });
      return;
    }
    const rows = Number(said[1]);
    const counted = await query(name, "SELECT count(*) FROM t");
    assert.equal(Number(counted.rows[0]![0]), rows);
    const { expected, counts } = { expected: expectedFiles(name), counts: countOf(name) };
    // Whoever lists an answer cannot leave out what there is to compare with.
    const judge =
      expected.length > 0
        ? ", as Spark reads them"
        : counts === undefined
          ? ""
          : ", as another reader counts";
    assert.equal(said[2], judge);
    if (counts !== undefined) assert.equal(rows, counts);
    if (expected.length > 0) await compare(name, expected, rows);
  });
}

function countOf(name: string): number | undefined {
  if (!name.startsWith("more/")) return undefined;
  const line = readTsv(join(folder, "more/expected-counts.tsv")).find(([table]) => `more/${table}` === name);
  return line?.[1] === undefined || line[1] === "" ? undefined : Number(line[1]);
}

function expectedFiles(name: string): string[] {
  const expected = join(folder, name, "../expected");
  if (!name.startsWith("golden/") || !name.endsWith("/delta") || !existsSync(expected)) return [];
  return globSync("*.parquet", { cwd: expected }).map((file) => join(expected, file));
}

/** Types are compared, too: only INT96 has none of its own, and is an instant. */
async function compare(name: string, files: readonly string[], rows: number): Promise<void> {
  const ours = await query(name, "SELECT * FROM t LIMIT 0");
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;
    await connection.run("SET TimeZone = 'UTC'");
    const from = `read_parquet([${files.map(quoteText).join(", ")}], hive_partitioning = false)`;
    const described = await connection.runAndReadAll(`SELECT * FROM ${from} LIMIT 0`);
    const theirs = described
      .columnNames()
      .map((column, i) => ({ column, type: String(described.columnType(i)) }));
    const types = theirs.map(({ type }) =>
      type.replaceAll(/\bTIMESTAMP\b(?! WITH)/g, "TIMESTAMP WITH TIME ZONE"),
    );
    assert.deepEqual(
      ours.columns,
      theirs.map(({ column }, i) => ({ name: column, type: types[i] })),
    );
    const columns = theirs.map(
      ({ column }, i) => `CAST(${quoteName(column)} AS ${types[i]}) AS ${quoteName(column)}`,
    );
    const hashed = `SELECT CAST(sum(CAST(hash(${theirs.map(({ column }) => quoteName(column)).join(", ")}) AS HUGEINT)) AS VARCHAR) AS h`;
    const sql = rows > MOST_AS_TEXT ? hashed : "SELECT *";
    const wanted = await connection.runAndReadAll(`${sql} FROM (SELECT ${columns.join(", ")} FROM ${from})`);
    const found = await query(name, `${sql} FROM t`);
    assert.deepEqual(found.rows.map(lineOf).sort(), wanted.getRowsJson().map(lineOf).sort());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** One text for one row; the entries of a map have no order. */
function lineOf(row: readonly unknown[]): string {
  return JSON.stringify(row, (_, value: unknown) => {
    if (!Array.isArray(value) || !value.every(isEntry)) return value;
    return value.map((entry) => JSON.stringify(entry)).sort();
  });
}

function isEntry(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "key,value";
}
