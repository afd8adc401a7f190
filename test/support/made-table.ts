/** Tables that a test makes with `createTable`, and what they hold. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { isLandfallError } from "../../src/base/landfall-error.ts";
import { createTable, type CreateTableOptions } from "../../src/write/create-table.ts";
import type { WritableTable } from "../../src/write/open-table.ts";
import { checkedFolder } from "./checked-folder.ts";

/** So that many tests may run at once. */
export const LIMITS = { threads: 2, memory: "512m" };

/** When the test ends it is closed, each of its commits is held against the protocol, and it is removed. */
export async function madeTable(t: TestContext, options: CreateTableOptions): Promise<WritableTable> {
  const table = await createTable(join(checkedFolder(t), "table"), { ...LIMITS, ...options });
  t.after(() => table.close());
  return table;
}

/** Its rows as texts of their values, sorted. */
export async function linesOf(table: Pick<WritableTable, "snapshot">): Promise<string[]> {
  const rows: string[] = [];
  for await (const batch of (await table.snapshot()).scan())
    for (const row of batch.rows()) rows.push(Object.values(row).map(String).join(" "));
  return rows.sort();
}

/** What `assert.rejects` takes: CONSTRAINT_VIOLATED with such a message. */
export function violates(text: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isLandfallError(error, "CONSTRAINT_VIOLATED"), String(error));
    assert.match(error.message, text);
    return true;
  };
}
