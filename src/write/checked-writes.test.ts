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
      /table\.delete has no option "were".* Did you mean where\?/,
      () => table.delete(any({ were: "id = 1" })),
    ],
    [
      /table\.delete takes its options as an object, and was given the text "id = 1"/,
      () => table.delete(any("id = 1")),
    ],
    [/table\.delete .* null/, () => table.delete(any(null))],
    [
      /table\.overwrite has no option "where".*replaceWhere/,
      () => table.overwrite(rows, any({ where: "id = 1" })),
    ],
    [/table\.update has no option "when"/, () => table.update(any({ set: { n: "0" }, when: "id = 1" }))],
    [
      /table\.append has no option "mergeschema".* Did you mean mergeSchema\?/,
      () => table.append(rows, any({ mergeschema: true })),
    ],
    [
      /table\.merge has no option "whenMatch"/,
      () => table.merge(rows, any({ on: "t.id = s.id", whenMatch: { update: "all" } })),
    ],
    [
      /A clause of whenMatched has no option "condition"/,
      () =>
        table.merge(rows, any({ on: "t.id = s.id", whenMatched: { delete: true, condition: "s.n > 5" } })),
    ],
    [/table\.vacuum has no option "retentionHours"/, () => table.vacuum(any({ retentionHours: 0 }))],
    [/table\.optimize has no option "zorder"/, () => table.optimize(any({ zorder: ["id"] }))],
    [/table\.restore has no option "to"/, () => table.restore(any({ to: 0 }))],
    [/table\.checkpoint has no option "x"/, () => table.checkpoint(any({ x: 0 }))],
    [/table\.addColumns has no option "in"/, () => table.addColumns("x INT", any({ in: "y" }))],
    [/table\.alterColumn has no option "nulls"/, () => table.alterColumn("n", any({ nulls: true }))],
    [/table\.dropColumns has no option "x"/, () => table.dropColumns(["n"], any({ x: 1 }))],
    [/table\.setProperties has no option "x"/, () => table.setProperties({ a: "b" }, any({ x: 1 }))],
    [/table\.snapshot has no option "at"/, () => table.snapshot(any({ at: 0 }))],
    [/table\.history has no option "most"/, () => table.history(any({ most: 1 }))],
    [/table\.check has no option "deep"/, () => table.check(any({ deep: true }))],
    [
      /The `to` of table\.compare has no option "versoin".* version/,
      () => table.compare(any({ from: { version: 0 }, to: { versoin: 1 } })),
    ],
    [
      /createTable has no option "partitionedBy"/,
      () => createTable(`${place}2`, any({ schema: "id INT", partitionedBy: ["id"] })),
    ],
  ];
  for (const [words, attempt] of attempts) await assert.rejects(attempt, refuses(words), String(words));
  const snapshot = await table.snapshot();
  for (const [words, attempt] of [
    [/snapshot\.scan has no option "filter"/, () => snapshot.scan(any({ filter: "id = 1" }))],
    [/table\.changes has no option "since"/, () => table.changes(any({ since: 1 }))],
    [/table\.watch has no option "interval"/, () => table.watch(any({ interval: "1s" }))],
    [/openTable has no option "memry".*memory/, () => openTable(place, any({ memry: "1g" }))],
  ] as const)
    assert.throws(attempt, refuses(words), String(words));
  assert.equal(snapshot.version, version);
  assert.equal(await snapshot.count(), 2);
});
