import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AddFile } from "./actions.ts";
import { planCompaction as planFor, type CompactionLimits, type CompactionPlan } from "./plan-compaction.ts";

function add(path: string, size: number, more: Partial<AddFile> = {}): AddFile {
  return { path, size, partitionValues: {}, modificationTime: 1, dataChange: true, ...more };
}

async function* each(files: readonly AddFile[]): AsyncGenerator<AddFile> {
  yield* files;
}

const planCompaction = (
  live: AsyncIterable<AddFile>,
  limits: CompactionLimits,
  isOwn = async (_add: AddFile): Promise<boolean> => true,
): Promise<CompactionPlan> => planFor(live, limits, isOwn);

const LIMITS = { minNumFiles: 3, maxFileSize: 1000 };
const pathsOf = ({ groups }: CompactionPlan): string[][] =>
  groups.map(({ files }) => files.map(({ path }) => path));

test("too few small files are left as they are", async () => {
  assert.deepEqual((await planCompaction(each([add("a", 1), add("b", 1)]), LIMITS)).groups, []);
});

test("files of half the size are not small", async () => {
  const files = [add("a", 499), add("b", 500), add("c", 499), add("d", 499)];
  assert.deepEqual(pathsOf(await planCompaction(each(files), LIMITS)), [["a", "c"]]);
});

test("what somebody else wrote is left as it is, and is not asked about where it is large", async () => {
  const asked: string[] = [];
  const files = ["a", "b", "c", "theirs"].map((path) => add(path, 10));
  const plan = await planCompaction(each([...files, add("large", 900)]), LIMITS, async ({ path }) => {
    asked.push(path);
    return path !== "theirs";
  });
  assert.deepEqual([pathsOf(plan), plan.small, asked], [[["a", "b", "c"]], 3, ["a", "b", "c", "theirs"]]);
});

test("each partition by itself", async () => {
  const files = ["1", "1", "1", "2", "2", null].map((p, i) => add(`f${i}`, 10, { partitionValues: { p } }));
  const plan = await planCompaction(each(files), LIMITS);
  assert.deepEqual(pathsOf(plan), [["f0", "f1", "f2"]]);
  assert.deepEqual(plan.groups[0]!.partitionValues, { p: "1" });
});

test("a file that is larger than the smaller ones together is not rewritten for them", async () => {
  const files = [add("large", 100), add("a", 10), add("b", 10), add("c", 10)];
  assert.deepEqual(pathsOf(await planCompaction(each(files), LIMITS)), [["a", "b", "c"]]);
  assert.deepEqual(pathsOf(await planCompaction(each(files.slice(0, 3)), LIMITS)), []);
});

test("files with deletion vectors, elsewhere or with row ids are left alone", async () => {
  const vector = { storageType: "u", pathOrInlineDv: "x", sizeInBytes: 1, cardinality: 1 };
  const files = [
    add("a", 10, { deletionVector: vector }),
    add("s3://other/b", 10),
    add("c", 10, { baseRowId: 0 }),
    add("d", 10),
  ];
  const plan = await planCompaction(each(files), LIMITS);
  assert.deepEqual([plan.groups, plan.withDeletionVectors, plan.small], [[], 1, 1]);
});

test("one commit takes a bounded number of bytes and partitions, and says that there is more", async () => {
  const files = Array.from({ length: 300 * 3 }, (_, i) =>
    add(`f${i}`, 1, { partitionValues: { p: String(i % 300) } }),
  );
  const plan = await planCompaction(each(files), LIMITS);
  assert.deepEqual([plan.groups.length, plan.more], [128, true]);
});

test("repeated until nothing is due: no file is lost, none grows past the size, and few small ones are left in a partition", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 1200 }), fc.constantFrom("x", "y")), { maxLength: 80 }),
      fc.integer({ min: 2, max: 8 }),
      async (drawn, minNumFiles) => {
        const limits = { minNumFiles, maxFileSize: 1000 };
        let live = drawn.map(([size, p], i) => add(`f${i}`, size, { partitionValues: { p } }));
        const total = live.reduce((sum, { size }) => sum + size, 0);
        let rewritten = 0;
        for (let round = 0; ; round++) {
          assert.ok(round <= drawn.length, "it does not come to rest");
          const { groups } = await planCompaction(each(live), limits);
          if (groups.length === 0) break;
          for (const [at, { files, partitionValues }] of groups.entries()) {
            const size = files.reduce((sum, file) => sum + file.size, 0);
            assert.ok(files.length >= 2 && size <= 1000 && files.every((file) => live.includes(file)));
            assert.ok(files.every((file) => file.partitionValues["p"] === partitionValues["p"]));
            live = [
              ...live.filter((file) => !files.includes(file)),
              add(`r${round}-${at}`, size, { partitionValues }),
            ];
            rewritten += size;
          }
        }
        assert.equal(
          live.reduce((sum, { size }) => sum + size, 0),
          total,
        );
        // A file is rewritten as often as it can be doubled, and no more.
        assert.ok(rewritten <= total * 12);
        for (const p of ["x", "y"]) {
          const small = live.filter(({ size, partitionValues }) => size < 500 && partitionValues["p"] === p);
          assert.ok(small.length < minNumFiles + 10, `${small.length} small files are left`);
        }
      },
    ),
  );
});
