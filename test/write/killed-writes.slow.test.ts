/** A write that is killed at any of its points leaves the table as it was before it, or as it is after it; tried again, it happens once. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { createTable } from "../../src/write/create-table.ts";
import { openTable } from "../../src/write/open-table.ts";
import { checkedFolder } from "../support/checked-folder.ts";

const LIMITS = { threads: 1, memory: "256m" };
const COMMITTED = ["write.committed", "write.checksum.before", "write.checksum.after", "none"];
const POINTS = ["write.datafile", "write.before", ...COMMITTED];
const AFTER: Readonly<Record<string, readonly string[]>> = { append: ["1", "2", "3"], overwrite: ["2", "3"] };

async function idsOf(folder: string): Promise<string[]> {
  await using table = openTable(folder, LIMITS);
  const ids: string[] = [];
  for await (const batch of (await table.snapshot()).scan())
    for (const row of batch.rows()) ids.push(`${Number(row["id"])}`);
  return ids.sort();
}

function write(folder: string, operation: string, point: string): NodeJS.Signals | null {
  const script = join(import.meta.dirname, "write-until-killed.ts");
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", script, folder, operation, point],
    { encoding: "utf8" },
  );
  assert.ok(signal === "SIGKILL" || status === 0, stderr);
  return signal;
}

for (const operation of ["append", "overwrite"]) {
  test(`${operation}: killed at each of its points`, async (t) => {
    for (const point of POINTS) {
      const folder = join(checkedFolder(t), "table");
      const table = await createTable(folder, {
        schema: "id BIGINT, part STRING",
        partitionBy: ["part"],
        ...LIMITS,
      });
      await table.append([{ id: 1, part: "a" }]);
      await table.close();
      const signal = write(folder, operation, point);
      assert.equal(signal, point === "none" ? null : "SIGKILL", point);
      assert.deepEqual(await idsOf(folder), COMMITTED.includes(point) ? AFTER[operation] : ["1"], point);
      assert.equal(write(folder, operation, "none"), null);
      assert.deepEqual(await idsOf(folder), AFTER[operation], point);
    }
  });
}

test("create: killed at each of its points", async (t) => {
  for (const point of ["write.before", ...COMMITTED.slice(0, -1)]) {
    const folder = join(checkedFolder(t), "table");
    assert.equal(write(folder, "create", point), "SIGKILL");
    const options = { schema: "id BIGINT, part STRING", ifNotExists: true, ...LIMITS };
    await using table = await createTable(folder, options);
    assert.equal((await table.snapshot()).version, 0);
  }
});
