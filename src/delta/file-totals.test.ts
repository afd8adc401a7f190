import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Action, AddFile, RemoveFile } from "./actions.ts";
import { NO_FILES, totalsAfter, totalsOf } from "./file-totals.ts";
import { removeOf } from "./remove-of.ts";
import { fileKey } from "./snapshot.ts";

const file = fc.record({
  path: fc.constantFrom("a", "b", "c", "d", "e"),
  size: fc.nat(10_000_000_000),
  cardinality: fc.option(fc.nat(1000), { nil: undefined }),
  goes: fc.boolean(),
});

const vectorOf = (cardinality: number, at: number): NonNullable<AddFile["deletionVector"]> => ({
  storageType: "u",
  pathOrInlineDv: `vector${at}`,
  sizeInBytes: 1,
  cardinality,
});

test("carried on from commit to commit, the totals are those of the files that are live", () => {
  const commits = fc.array(fc.array(file, { maxLength: 5 }), { maxLength: 8 });
  fc.assert(
    fc.property(commits, (drawn) => {
      const live = new Map<string, AddFile>();
      let carried = NO_FILES;
      for (const [at, files] of drawn.entries()) {
        const actions: Action[] = [];
        for (const { path, size, cardinality, goes } of files) {
          // One word on a path a commit: what stands there goes, and may come again with another deletion vector.
          if (
            actions.some(
              (action) =>
                path === ("add" in action ? action.add : (action as { remove: RemoveFile }).remove).path,
            )
          )
            continue;
          const before = [...live.values()].find((add) => add.path === path);
          if (before !== undefined) {
            live.delete(fileKey(before, undefined));
            actions.push({ remove: removeOf(before, { now: 1, dataChange: true }) });
          }
          if (before !== undefined && goes) continue;
          const add: AddFile = {
            path,
            size,
            partitionValues: {},
            modificationTime: 1,
            dataChange: true,
            ...(cardinality === undefined ? {} : { deletionVector: vectorOf(cardinality, at) }),
          };
          live.set(fileKey(add, undefined), add);
          actions.push({ add });
        }
        carried = totalsAfter(carried, actions)!;
        assert.deepEqual(carried, totalsOf(live.values()));
      }
    }),
  );
});

test("totals are not known after a file without a size goes, and vectors not from where they were not known", () => {
  const remove: RemoveFile = { path: "a", dataChange: true };
  assert.equal(totalsAfter({ ...NO_FILES, files: 1, bytes: 5 }, [{ remove }]), undefined);
  assert.equal(totalsAfter(NO_FILES, [{ remove: { ...remove, size: 5 } }]), undefined);
  const unknown = { files: 1, bytes: 5, vectors: undefined, deletedRows: undefined };
  const deletionVector = vectorOf(3, 0);
  assert.deepEqual(totalsAfter(unknown, [{ remove: { ...remove, size: 5, deletionVector } }]), {
    ...unknown,
    files: 0,
    bytes: 0,
  });
});
