/** Merges of large tables choose by a look at a few rows how they are worked out; what they leave is the same. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { PARTS, writeRowsTable, type PlainRow } from "../../../test/support/rows-table.ts";
import { samplingEngine } from "../../../test/support/sampling-engine.ts";
import { tableOfEngine } from "../../../test/support/table-of-engine.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { testEngine } from "../../../test/support/test-engine.ts";
import { createTable } from "../create-table.ts";
import type { MergeOptions } from "./merge-options.ts";

const folder = temporaryFolder({ after });
const scratchFolder = join(folder, "scratch");
mkdirSync(scratchFolder);
const engine = testEngine();
const sampling = samplingEngine(engine);

const SCHEMA = "id BIGINT, n INT, part STRING, op STRING";
const FILES = 4;
const ROWS_OF_FILE = 40;

const sources = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: FILES * ROWS_OF_FILE + 10 }),
    isOther: fc.boolean(),
    part: fc.constantFrom(...PARTS, undefined),
    op: fc.constantFrom("u", "u", "d"),
  }),
  { selector: ({ id }) => id, minLength: 10, maxLength: 80 },
);

const kinds = fc.record({
  isPartitioned: fc.boolean(),
  hasVectors: fc.boolean(),
  // What all rows were is then to be told, so that there is nothing to choose.
  hasFeed: fc.constant(false),
});

const clauses = fc.constantFrom<Pick<MergeOptions, "whenMatched" | "whenNotMatched">>(
  { whenMatched: { update: "all" } },
  { whenMatched: { update: "all" }, whenNotMatched: { insert: "all" } },
  { whenMatched: [{ delete: true, where: "s.op = 'd'" }, { update: "all" }] },
  { whenMatched: [{ update: { n: "s.n", part: "s.part" }, where: "s.op = 'u'" }] },
  // These ask for what the row was.
  { whenMatched: [{ update: "all", where: "t.id % 2 = 0" }, { delete: true }] },
  { whenMatched: { update: { n: "s.n", id: "t.id + 1000" } } },
);

test("a merge leaves the same, however few columns are read for it", async () => {
  let tables = 0;
  await fc.assert(
    fc.asyncProperty(
      kinds,
      clauses,
      fc.boolean(),
      fc.array(sources, { minLength: 1, maxLength: 2 }),
      async (...of) => {
        const [kind, asked, decides, merged] = of;
        const outcomes = await Promise.all(
          [engine, sampling].map(async (one) => {
            const place = join(folder, `t${tables++}`);
            const rows = await writeRowsTable(place, { ...kind, files: FILES, rowsOfFile: ROWS_OF_FILE });
            const table = tableOfEngine({ table: place, engine: one, scratchFolder });
            const told: unknown[] = [];
            for (const source of merged) {
              const merging = { ...asked, on: "t.id = s.id", schema: SCHEMA };
              const committed = await table.merge(sourceRows(source, { rows, decides }), merging);
              const { numTargetRowsInserted, numTargetRowsUpdated, numTargetRowsDeleted, numSourceRows } =
                committed?.metrics ?? {};
              told.push([numTargetRowsInserted, numTargetRowsUpdated, numTargetRowsDeleted, numSourceRows]);
            }
            const found: string[] = [];
            for await (const batch of (await table.snapshot()).scan())
              for (const row of batch.rows())
                found.push(JSON.stringify([Number(row["id"]), row["n"], row["part"]]));
            return { told, rows: found.sort() };
          }),
        );
        assert.deepEqual(outcomes[1], outcomes[0]);
      },
    ),
    { numRuns: Number(process.env["LANDFALL_RUNS"] ?? 20) },
  );
});

test("where a clause leaves one column as it is, that one is read for it, whichever another would decide", async () => {
  const place = join(folder, "left");
  const schema = "id BIGINT, a INT, b INT";
  await using made = await createTable(place, { schema, threads: 1, memory: "256m" });
  await made.append(Array.from({ length: 40 }, (_, id) => ({ id, a: id % 3, b: 0 })));
  const table = tableOfEngine({ table: place, engine: sampling, scratchFolder });
  const committed = await table.merge(
    Array.from({ length: 40 }, (_, id) => ({ id, a: 0, b: 1 })),
    {
      on: "t.id = s.id",
      schema,
      whenMatched: [{ update: { b: "s.b" }, where: "s.id % 2 = 0" }, { update: { a: "s.a", b: "s.b" } }],
    },
  );
  assert.equal(committed!.metrics["numTargetRowsUpdated"], 40);
  const found: unknown[] = [];
  for await (const batch of (await table.snapshot()).scan())
    for (const row of batch.rows()) found.push([Number(row["id"]), row["a"], row["b"]]);
  const left = Array.from({ length: 40 }, (_, id) => [id, id % 2 === 0 ? id % 3 : 0, 1]);
  assert.deepEqual(
    found.toSorted((one, other) => (one as number[])[0]! - (other as number[])[0]!),
    left,
  );
});

/** @param of `decides`: of all rows of the last file, which is looked at, `n` differs; else, as of the others, of some */
function sourceRows(
  source: readonly { id: number; isOther: boolean; part: string | null | undefined; op: string }[],
  { rows, decides }: { readonly rows: readonly PlainRow[]; readonly decides: boolean },
): readonly Record<string, unknown>[] {
  const inLast = (FILES - 1) * ROWS_OF_FILE;
  return source.map(({ id, isOther, part, op }) => {
    const row = rows[id];
    const n = isOther || (decides && id >= inLast) ? 500 + id : (row?.n ?? null);
    return { id, n, part: part === undefined ? (row?.part ?? null) : part, op };
  });
}

test("a large merge reads no more columns than it needs, and leaves what it should", async () => {
  const rowsOfFile = 600_000;
  const place = join(folder, "large");
  await writeRowsTable(place, {
    isPartitioned: false,
    hasVectors: true,
    hasFeed: false,
    files: 2,
    rowsOfFile,
  });
  const table = tableOfEngine({ table: place, engine, scratchFolder });
  // One in a hundred rows; of every second of the first file only `part` changes.
  const source = Array.from({ length: 12_000 }, (_, i) => {
    const id = i * 100;
    const n = id % 7 === 0 ? null : id % 11;
    return { id, n: id < rowsOfFile && i % 2 === 0 ? n : 1000 + i, part: "new", op: "u" };
  });
  const merge = (): ReturnType<typeof table.merge> =>
    table.merge(source, { on: "t.id = s.id", schema: SCHEMA, whenMatched: { update: "all" } });
  const committed = await merge();
  assert.equal(committed!.metrics["numTargetRowsUpdated"], 12_000);
  assert.equal(await merge(), undefined);
  const snapshot = await table.snapshot();
  const found = new Map<number, string>();
  for await (const batch of snapshot.scan({ where: "part = 'new'" }))
    for (const row of batch.rows()) found.set(Number(row["id"]), JSON.stringify([row["n"], row["part"]]));
  assert.equal(found.size, source.length);
  for (const { id, n, part } of source) assert.equal(found.get(id), JSON.stringify([n, part]));
});
