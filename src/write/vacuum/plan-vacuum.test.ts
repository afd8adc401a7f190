import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ObjectInfo } from "../../storage/storage.ts";
import { planVacuum } from "./plan-vacuum.ts";

const CUTOFF = 1000;

function object(key: string, modified: number): ObjectInfo {
  return { key, size: 1, modifiedNs: `${modified}000000` };
}

function gone(
  objects: readonly ObjectInfo[],
  more: Partial<Parameters<typeof planVacuum>[0]> = {},
): readonly string[] {
  const none = new Set<string>();
  return planVacuum({
    objects,
    needed: none,
    expired: none,
    partitionNames: [],
    cutoff: CUTOFF,
    ...more,
  }).map(({ key }) => key);
}

test("only what nobody needs goes: never a needed file, never a young one that the log does not know", () => {
  const name = fc.constantFrom("a", "b", "c", "p=1/d", "p=1/e", "_change_data/f");
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, fc.integer({ min: 990, max: 1010 })), { selector: ([key]) => key }),
      fc.uniqueArray(name),
      fc.uniqueArray(name),
      (objects, needed, named) => {
        const expired = new Set(named).difference(new Set(needed));
        const keys = gone(
          objects.map(([key, modified]) => object(key, modified)),
          { needed: new Set(needed), expired },
        );
        for (const [key, modified] of objects) {
          const goes = !needed.includes(key) && (expired.has(key) || modified < CUTOFF);
          assert.equal(keys.includes(key), goes, `${key} of ${modified}`);
        }
      },
    ),
  );
});

test("what is hidden stays, on any level; change data and partition folders are the table's", () => {
  const stays = [
    "_delta_log/00000000000000000000.json",
    "_landfall/a/batches/1.json",
    "_SUCCESS",
    ".part-1.crc",
    "p=1/_tmp/x",
    "p=1/.x",
    "_p/x",
    "x/_change_data/y",
    "_change_data/.x",
  ];
  const goes = ["_change_data/cdc-1", "_p=1/x", "_p=1/q=2/y", "%C3%A4=1/z", "b/c/d", "x"];
  const objects = [...stays, ...goes].map((key) => object(key, 1));
  assert.deepEqual(gone(objects, { partitionNames: ["_p", "ä"] }), goes.toSorted());
});

test("a needed file is known in any case and form of its letters, and a table inside of the folder is another's", () => {
  const objects = [
    "PART-1.parquet",
    "a%CC%88",
    "inner/_delta_log/0.json",
    "inner/part",
    "inner/p=1/part",
    "innermost",
  ];
  assert.deepEqual(
    gone(
      objects.map((key) => object(key, 1)),
      { needed: new Set(["part-1.parquet", "%C3%A4"]) },
    ),
    ["innermost"],
  );
});
