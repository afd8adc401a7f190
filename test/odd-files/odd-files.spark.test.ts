/** Spark reads the table of every odd file that ends in rows: types and values are what docs/reference/odd-files.md says. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { parseSchemaString } from "../../src/delta/schema-json.ts";
import type { DataType, StructType } from "../../src/schema/data-type.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";
import type { OddFile } from "./odd-file.ts";
import { oddTable } from "./odd-table.ts";
import { textOfRows } from "./outcome.ts";
import { cell, ODD_FILES, promisedRows } from "./page.ts";

const engine = testEngine();

interface SparkTable {
  readonly fields: readonly unknown[];
  /** Canonical values (tools/judges/canonical.py). */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

interface Promised {
  readonly odd: OddFile;
  /** The row of the page, without what was rejected. */
  readonly row: string;
}

/** Odd files that end in rows, by the page alone. */
function endingInRows(): Promised[] {
  return ODD_FILES.flatMap(([title, files]) => {
    const rows = promisedRows(title);
    return files.flatMap((odd, i) => {
      const head = `| ${cell(odd.name)} | `;
      assert.ok(rows[i]!.startsWith(head), rows[i]);
      const outcome = rows[i]!.slice(head.length).replace(/ \|$/, "");
      if (/^(?:quarantined: |rejected: |no rows$)/.test(outcome)) return [];
      return [{ odd, row: `${head}${outcome.split(" · rejected: ", 1)[0]!} |` }];
    });
  });
}

test(
  "every odd file that ends in rows: Spark reads its table with the types and values of the page",
  { skip: judgeMissing("spark") },
  async (t) => {
    const promised = endingInRows();
    const folder = temporaryFolder(t);
    const tables: string[] = [];
    for (const [i, { odd }] of promised.entries())
      tables.push(await oddTable(engine, join(folder, String(i)), odd));
    const read = await startJudge("spark", t).request<{ tables: readonly SparkTable[] }>({
      op: "readAll",
      tables,
    });
    assert.equal(read.tables.length, promised.length);
    const found = read.tables.map((table, i) => pageRow(promised[i]!.odd, table));
    assert.deepEqual(
      found,
      promised.map(({ row }) => row),
    );
    t.diagnostic(`${found.length} tables`);
  },
);

function pageRow(odd: OddFile, { fields, rows }: SparkTable): string {
  const schema = parseSchemaString(JSON.stringify({ type: "struct", fields }));
  const texts = rows.map((row) => JSON.stringify(withoutNulls(row, schema))).sort();
  return `| ${cell(odd.name)} | ${cell(textOfRows(odd, schema, texts))} |`;
}

function withoutNulls(row: Readonly<Record<string, unknown>>, schema: StructType): Record<string, unknown> {
  return Object.fromEntries(
    schema.fields.flatMap(({ name, type }) =>
      row[name] === null ? [] : [[name, pageValue(type, row[name])]],
    ),
  );
}

/** A canonical value as the page prints it. */
function pageValue(type: DataType, value: unknown): unknown {
  if (value === null) return null;
  if (typeof type === "object") {
    if (type.type === "array") return (value as unknown[]).map((item) => pageValue(type.elementType, item));
    if (type.type === "map") throw new Error("no odd file ends in a map");
    const members = value as Record<string, unknown>;
    return Object.fromEntries(type.fields.map(({ name, type: of }) => [name, pageValue(of, members[name])]));
  }
  if (type === "timestamp")
    return (value as string)
      .replace("T", " ")
      .replace(/\.?0*Z$/, "Z")
      .replace("Z", "+00");
  if (["string", "long", "boolean", "date", "double"].includes(type)) return value;
  throw new Error(`no odd file ends in ${type}`);
}
