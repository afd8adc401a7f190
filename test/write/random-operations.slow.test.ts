/**
 * Random operations on tables of each kind: every commit obeys the protocol's text, the table is what its log says, and old versions stay.
 * `LANDFALL_RUNS` says how many tables.
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { createTable } from "../../src/write/create-table.ts";
import { openTable } from "../../src/write/open-table.ts";
import type { TableWrites } from "../../src/write/table-writes.ts";
import { checkCommitsBelow } from "../support/checked-folder.ts";
import { tableOfEngine } from "../support/table-of-engine.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";

const folder = temporaryFolder({ after });
const engine = testEngine();
const scratchFolder = join(folder, "scratch");
mkdirSync(scratchFolder);
const LIMITS = { threads: 1, memory: "256m" };
let tables = 0;

const SCHEMA =
  "id BIGINT, n INT, price DECIMAL(10,2), at TIMESTAMP, local TIMESTAMP_NTZ, ratio DOUBLE, name STRING, yes BOOLEAN, day DATE, inner STRUCT<a: INT, b: STRING>";
const PARTITIONS = ["n", "price", "at", "local", "name", "yes", "day"];
const PROPERTIES: readonly (readonly [string, string])[] = [
  ["delta.enableDeletionVectors", "true"],
  ["delta.enableChangeDataFeed", "true"],
  ["delta.enableInCommitTimestamps", "true"],
  ["delta.feature.rowTracking", "supported"],
  ["delta.columnMapping.mode", "name"],
  ["delta.dataSkippingNumIndexedCols", "3"],
  ["delta.checkpointInterval", "3"],
  ["delta.checkpointPolicy", "v2"],
];

const rows = fc.array(
  fc.record({
    id: fc.nat(30),
    n: fc.option(fc.integer({ min: -3, max: 3 })),
    price: fc.option(fc.constantFrom("0.10", "-7.25", "12345678.99")),
    at: fc.option(fc.constantFrom("1969-12-31T23:59:59.999999Z", "2026-01-02T03:04:05Z")),
    local: fc.option(fc.constantFrom("1969-12-31T23:59:59.999999", "2026-01-02T03:04:05")),
    ratio: fc.option(fc.constantFrom(-0, 1.5, NaN, Infinity)),
    name: fc.option(fc.constantFrom("a", "b/c=d e", "é%20\u{1f600}", "x".repeat(40))),
    yes: fc.option(fc.boolean()),
    day: fc.option(fc.constantFrom("1969-12-31", "2026-02-28")),
    inner: fc.option(
      fc.record({ a: fc.option(fc.nat(5)), b: fc.option(fc.constantFrom("", "z".repeat(33))) }),
    ),
  }),
  { minLength: 1, maxLength: 8 },
);
const where = fc.constantFrom(
  "id < 10",
  "n > 0",
  "name IS NULL",
  "yes",
  "price < 1",
  "day >= DATE '2026-01-01'",
  "id % 2 = 0",
);

type Operation = readonly [name: string, run: (table: TableWrites) => Promise<unknown>];
const operation = <T>(
  arbitrary: fc.Arbitrary<T>,
  weight: number,
  of: (value: T) => Operation,
): fc.WeightedArbitrary<Operation> => ({ weight, arbitrary: arbitrary.map(of) });
const operations: fc.Arbitrary<Operation> = fc.oneof(
  operation(rows, 4, (some) => [`append ${some.length}`, (table) => table.append(some)]),
  operation(rows, 1, (some) => [`overwrite ${some.length}`, (table) => table.overwrite(some)]),
  operation(where, 3, (of) => [`delete ${of}`, (table) => table.delete({ where: of })]),
  operation(where, 3, (of) => [
    `update ${of}`,
    (table) => table.update({ set: { n: "n + 1", name: "'u'" }, where: of }),
  ]),
  operation(fc.constant(0), 2, () => ["optimize", (table) => table.optimize()]),
  operation(fc.nat(2), 1, (version) => [`restore ${version}`, (table) => table.restore({ version })]),
  operation(fc.constant(0), 1, () => ["vacuum", (table) => table.vacuum()]),
  operation(fc.constantFrom("x", "y"), 1, (text) => [
    `describe ${text}`,
    (table) => table.setDescription(text),
  ]),
);

test("whatever is done to a table, in whatever order, its log obeys the protocol", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(PARTITIONS, { maxLength: 2 }),
      fc.subarray([...PROPERTIES]),
      rows,
      fc.array(operations, { minLength: 3, maxLength: 8 }),
      async (partitionBy, properties, first, steps) => {
        const place = join(folder, `t${tables++}`);
        await (await createTable(place, { schema: SCHEMA, partitionBy, ...LIMITS })).close();
        const table = tableOfEngine({ table: place, engine, scratchFolder });
        if (properties.length > 0) await table.setProperties(Object.fromEntries(properties));
        await table.append(first);
        await table.append(first);
        await table.delete({ where: "id = 31" });
        const counts = new Map<number, number>();
        const story: string[] = [JSON.stringify([partitionBy, properties])];
        for (const [name, run] of steps) {
          story.push(name);
          await run(table);
          const snapshot = await table.snapshot();
          counts.set(snapshot.version, await snapshot.count());
        }
        const commits = checkCommitsBelow(place);
        assert.equal(commits, (await table.snapshot()).version + 1, story.join("\n"));
        await using other = openTable(place, LIMITS);
        assert.deepEqual((await other.check({ data: true })).findings, [], story.join("\n"));
        for (const [version, count] of counts)
          assert.equal(await (await table.snapshot({ version })).count(), count);
      },
    ),
    { numRuns: Number(process.env["LANDFALL_RUNS"] ?? 8), endOnFailure: true },
  );
});
