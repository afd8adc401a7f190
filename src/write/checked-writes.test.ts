/** Programs in JavaScript have no compiler that tells them of a name that is none. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { checkedFolder } from "../../test/support/checked-folder.ts";
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import { createTable } from "./create-table.ts";
import { openTable } from "./open-table.ts";

const LIMITS = { threads: 1, memory: "256m" };

function refuses(words: RegExp): (error: LandfallError) => boolean {
  return (error) => isLandfallError(error, "USAGE") && words.test(`${error.message} ${error.hint}`);
}

test("an option that there is not changes no table", async (t) => {
  const place = join(checkedFolder(t), "table");
  await using table = await createTable(place, { schema: "id BIGINT, n INT", ...LIMITS });
  await table.append([
    { id: 1, n: 1 },
    { id: 2, n: 2 },
  ]);
  const { version } = await table.snapshot();
  const rows = [{ id: 3, n: 3 }];
  const any = (value: unknown): never => value as never;
  const attempts: [RegExp, () => Promise<unknown>][] = [
    [
      /There is no option "were" of table\.delete.* Did you mean where\?/,
      () => table.delete(any({ were: "id = 1" })),
    ],
    [
      /options of table\.delete must be an object; given was the text "id = 1"/,
      () => table.delete(any("id = 1")),
    ],
    [/table\.delete .* null/, () => table.delete(any(null))],
    [/where of table\.delete must be a text; given was null/, () => table.delete(any({ where: null }))],
    [
      /where of table\.delete must be a text; given was a function/,
      () => table.delete(any({ where: () => true })),
    ],
    [
      /version of the transaction \(txn\) must be a whole number of 64 bits; given was NaN/,
      () => table.append(rows, { txn: { appId: "a", version: NaN } }),
    ],
    [
      /version of the transaction \(txn\) must be a whole number of 64 bits/,
      () => table.append(rows, { txn: { appId: "a", version: 2n ** 64n } }),
    ],
    [
      /option version of the transaction \(txn\) is missing/,
      () => table.append(rows, any({ txn: { appId: "a" } })),
    ],
    [/options of the transaction \(txn\) must be an object/, () => table.overwrite(rows, any({ txn: 5 }))],
    [
      /isolation of table\.append must be "Serializable" or/,
      () => table.append(rows, any({ isolation: "chaos" })),
    ],
    [/mode of table\.vacuum must be "full" or "lite"/, () => table.vacuum(any({ mode: "quick" }))],
    [
      /partitions of table\.overwrite must be "dynamic"/,
      () => table.overwrite(rows, any({ partitions: "some" })),
    ],
    [/set of table\.update must be an object of texts/, () => table.update(any({ set: { n: 5 } }))],
    [/option set of table\.update is missing/, () => table.update(any(undefined))],
    [
      /not clear what a clause of whenMatched is to do/,
      () => table.merge(rows, { on: "t.id = s.id", whenMatched: any({ delete: false }) }),
    ],
    [
      /not clear what a clause of whenMatched/,
      () => table.merge(rows, { on: "t.id = s.id", whenMatched: any({ delete: true, update: "all" }) }),
    ],
    [
      /update of a clause of whenMatched must be an object of texts/,
      () => table.merge(rows, { on: "t.id = s.id", whenMatched: any({ update: "none" }) }),
    ],
    [/option on of table\.merge is missing/, () => table.merge(rows, any({ whenMatched: { delete: true } }))],
    [
      /columns of table\.dropColumns must be a list; given was the text "n"/,
      () => table.dropColumns(any("n")),
    ],
    [
      /properties of table\.setProperties must be an object of texts and nulls/,
      () => table.setProperties(any({ a: 5 })),
    ],
    [
      /condition of table\.addConstraint must be a text; given was undefined/,
      () => table.addConstraint("c", any(undefined)),
    ],
    [
      /There is no option "where" of table\.overwrite.*replaceWhere/,
      () => table.overwrite(rows, any({ where: "id = 1" })),
    ],
    [
      /There is no option "when" of table\.update/,
      () => table.update(any({ set: { n: "0" }, when: "id = 1" })),
    ],
    [
      /There is no option "mergeschema" of table\.append.* Did you mean mergeSchema\?/,
      () => table.append(rows, any({ mergeschema: true })),
    ],
    [
      /There is no option "whenMatch" of table\.merge/,
      () => table.merge(rows, any({ on: "t.id = s.id", whenMatch: { update: "all" } })),
    ],
    [
      /There is no option "condition" of a clause of whenMatched/,
      () =>
        table.merge(rows, any({ on: "t.id = s.id", whenMatched: { delete: true, condition: "s.n > 5" } })),
    ],
    [/There is no option "retentionHours" of table\.vacuum/, () => table.vacuum(any({ retentionHours: 0 }))],
    [/There is no option "zorder" of table\.optimize/, () => table.optimize(any({ zorder: ["id"] }))],
    [/There is no option "to" of table\.restore/, () => table.restore(any({ to: 0 }))],
    [/There is no option "x" of table\.checkpoint/, () => table.checkpoint(any({ x: 0 }))],
    [/There is no option "in" of table\.addColumns/, () => table.addColumns("x INT", any({ in: "y" }))],
    [/There is no option "nulls" of table\.alterColumn/, () => table.alterColumn("n", any({ nulls: true }))],
    [/There is no option "x" of table\.dropColumns/, () => table.dropColumns(["n"], any({ x: 1 }))],
    [/There is no option "x" of table\.setProperties/, () => table.setProperties({ a: "b" }, any({ x: 1 }))],
    [/There is no option "at" of table\.snapshot/, () => table.snapshot(any({ at: 0 }))],
    [/There is no option "most" of table\.history/, () => table.history(any({ most: 1 }))],
    [/There is no option "deep" of table\.check/, () => table.check(any({ deep: true }))],
    [
      /There is no option "versoin" of the `to` of table\.compare.* version/,
      () => table.compare(any({ from: { version: 0 }, to: { versoin: 1 } })),
    ],
    [
      /There is no option "partitionedBy" of createTable/,
      () => createTable(`${place}2`, any({ schema: "id INT", partitionedBy: ["id"] })),
    ],
  ];
  for (const [words, attempt] of attempts) await assert.rejects(attempt, refuses(words), String(words));
  const snapshot = await table.snapshot();
  for (const [words, attempt] of [
    [/There is no option "filter" of snapshot\.scan/, () => snapshot.scan(any({ filter: "id = 1" }))],
    [/There is no option "since" of table\.changes/, () => table.changes(any({ since: 1 }))],
    [/There is no option "interval" of table\.watch/, () => table.watch(any({ interval: "1s" }))],
    [/There is no option "memry" of openTable.*memory/, () => openTable(place, any({ memry: "1g" }))],
  ] as const)
    assert.throws(attempt, refuses(words), String(words));
  assert.equal(snapshot.version, version);
  assert.equal(await snapshot.count(), 2);
});
