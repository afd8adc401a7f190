import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import type { MergeOptions } from "../../src/write/merge/merge-options.ts";
import type { RowToWrite } from "../../src/write/source/row-source.ts";
import { plainRows, sortedRows, writeRowsTable, type PlainRow } from "../support/rows-table.ts";
import { tableOfEngine } from "../support/table-of-engine.ts";
import { checkedFolder } from "../support/checked-folder.ts";
import { testEngine } from "../support/test-engine.ts";

const folder = checkedFolder({ after });
const engine = testEngine();
const scratchFolder = join(folder, "scratch");
mkdirSync(scratchFolder);

interface Change {
  readonly set?: Readonly<Record<string, string>>;
  readonly where: string;
  readonly merge?: { readonly rows: readonly RowToWrite[]; readonly options: MergeOptions };
}

/** @returns whether it was killed */
async function killedAt(point: string, nth: number, place: string, change: Change): Promise<boolean> {
  const program = join(import.meta.dirname, "../support/killed-write.ts");
  const child = spawn(process.execPath, [program, point, String(nth), place, JSON.stringify(change)], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  });
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  assert.ok(signal === "SIGKILL" || code === 0, `${point}: ${code} ${signal}`);
  return signal === "SIGKILL";
}

const UPDATE: Change = { set: { n: "-1", part: "'a'" }, where: "id % 4 = 1 OR id BETWEEN 40 AND 70" };

test("wherever a change of rows is killed, the table reads as before it or as after it", async () => {
  const points: readonly (readonly [point: string, nth: number, isDone: boolean])[] = [
    ["write.datafile", 1, false],
    ["write.datafile", 4, false],
    ["write.vectors", 1, false],
    ["write.before", 1, false],
    ["file.linked", 1, false],
    ["write.committed", 1, true],
  ];
  for (const [i, [point, nth, isDone]] of points.entries()) {
    const place = join(folder, `t${i}`);
    const options = { isPartitioned: true, hasVectors: true, hasFeed: true, files: 6 };
    const before = await writeRowsTable(place, options);
    const changed = before.map((row): PlainRow => {
      const isMeant = row.id % 4 === 1 || (row.id >= 40 && row.id <= 70);
      return isMeant ? { ...row, n: -1, part: "a" } : row;
    });
    assert.ok(await killedAt(point, nth, place, UPDATE), `${point} ${nth} was reached`);
    const table = tableOfEngine({ table: place, engine, scratchFolder });
    const found = await table.snapshot();
    const rows = await plainRows(found.scan());
    assert.deepEqual([found.version, rows], isDone ? [1, changed] : [0, before], `${point} ${nth}`);
    // What was left behind is in nobody's way.
    await table.update({ set: UPDATE.set!, where: UPDATE.where });
    assert.deepEqual(await plainRows((await table.snapshot()).scan()), changed, `after ${point} ${nth}`);
  }
});

test("wherever a merge is killed, the table reads as before it or as after it", async () => {
  const source = Array.from({ length: 60 }, (_, i) => ({ id: 4 * i + 1, n: -1, part: "a" }));
  const options: MergeOptions = {
    on: "t.id = s.id",
    whenMatched: { update: "all" },
    whenNotMatched: { insert: "all" },
    whenNotMatchedBySource: { where: "t.id BETWEEN 40 AND 70", delete: true },
  };
  const points: readonly (readonly [point: string, nth: number, isDone: boolean])[] = [
    ["write.datafile", 1, false],
    ["write.datafile", 3, false],
    ["write.vectors", 1, false],
    ["write.before", 1, false],
    ["file.linked", 1, false],
    ["write.committed", 1, true],
  ];
  for (const [i, [point, nth, isDone]] of points.entries()) {
    const place = join(folder, `m${i}`);
    const before = await writeRowsTable(place, {
      isPartitioned: true,
      hasVectors: true,
      hasFeed: true,
      files: 5,
    });
    const ids = new Set(source.map(({ id }) => id));
    const kept = before.filter(({ id }) => !ids.has(id) && !(id >= 40 && id <= 70));
    const merged = sortedRows([...kept, ...source]);
    const merge = { rows: source, options };
    assert.ok(await killedAt(point, nth, place, { where: "", merge }), `${point} ${nth} was reached`);
    const table = tableOfEngine({ table: place, engine, scratchFolder });
    const found = await table.snapshot();
    const rows = await plainRows(found.scan());
    assert.deepEqual([found.version, rows], isDone ? [1, merged] : [0, before], `${point} ${nth}`);
    // Done again it changes what is not changed yet.
    const again = await table.merge(source, options);
    assert.equal(again === undefined, isDone, `${point} ${nth}`);
    assert.deepEqual(await plainRows((await table.snapshot()).scan()), merged, `after ${point} ${nth}`);
  }
});
