/** The changes of a range, applied to the rows before it: on tables of random appends, removals, vectors and rewrites. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  addOf,
  changingTable,
  metadataOf,
  READS_VECTORS,
  removeOf,
  type WrittenFile,
} from "../../test/support/changing-table.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { openToRead } from "./open-table.ts";

const ID = metadataOf({ columns: [["id", "long"]] });

interface LiveFile {
  readonly file: WrittenFile;
  readonly rows: readonly number[];
  readonly deleted: readonly number[];
}

test("the rows of a version and the changes since give the rows of any later one", async (t) => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("append" as const), rows: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ kind: fc.constant("remove" as const), pick: fc.nat() }),
    fc.record({ kind: fc.constant("vector" as const), pick: fc.nat(), deleted: fc.uniqueArray(fc.nat(11)) }),
    fc.record({ kind: fc.constant("rewrite" as const), pick: fc.nat() }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { maxLength: 3 }), { minLength: 1, maxLength: 6 }),
      async (commits) => {
        const folder = temporaryFolder(t);
        await using table = openToRead(folder, { threads: 1, memory: "256m" }).table;
        const writer = changingTable(folder);
        await writer.commit([READS_VECTORS, ID]);
        let live: readonly LiveFile[] = [];
        const states: number[][] = [[]];
        let name = 0;
        let id = 0;
        for (const steps of commits) {
          // Of one version at most one action may stand for a file: each is touched once.
          let untouched = [...live];
          let rest: LiveFile[] = [];
          const actions = [];
          for (const one of steps) {
            if (one.kind === "append") {
              const rows = Array.from({ length: one.rows }, () => id++);
              const file = await writer.file(
                `${name++}.parquet`,
                `SELECT unnest([${rows.join(",")}])::BIGINT AS id`,
              );
              rest.push({ file, rows, deleted: [] });
              actions.push(addOf(file));
              continue;
            }
            const picked = untouched[one.pick % Math.max(1, untouched.length)];
            if (picked === undefined) continue;
            untouched = untouched.filter((other) => other !== picked);
            actions.push(removeOf(picked.file, picked.deleted, one.kind !== "rewrite"));
            if (one.kind === "vector") {
              const deleted = one.deleted.filter((row) => row < picked.rows.length).sort((a, b) => a - b);
              // The same vector would be the same file, and no change of it.
              if (deleted.join() === picked.deleted.join()) {
                actions.pop();
                rest.push(picked);
                continue;
              }
              rest.push({ ...picked, deleted });
              actions.push(addOf(picked.file, deleted));
            }
            if (one.kind === "rewrite") {
              const rows = liveRows(picked);
              if (rows.length === 0) continue;
              const file = await writer.file(
                `${name++}.parquet`,
                `SELECT unnest([${rows.join(",")}])::BIGINT AS id`,
              );
              rest.push({ file, rows, deleted: [] });
              actions.push(addOf(file, [], false));
            }
          }
          live = [...untouched, ...rest];
          await writer.commit([{ commitInfo: { operation: "TEST" } }, ...actions]);
          states.push(live.flatMap(liveRows).sort((a, b) => a - b));
        }
        const from = commits.length >> 1;
        const rows = new Set(states[from]);
        let version = from;
        for await (const batch of table.changes({ from: from + 1 })) {
          for (const row of batch.rows()) {
            assert.ok(Number(row["_commit_version"]) >= version);
            version = Number(row["_commit_version"]);
            const value = Number(row["id"]);
            // A row is deleted where it is there, and comes where it is not.
            if (row["_change_type"] === "insert") assert.ok(!rows.has(value) && rows.add(value), `${value}`);
            else assert.ok(rows.delete(value), `${value}`);
          }
        }
        assert.deepEqual(
          [...rows].sort((a, b) => a - b),
          states.at(-1),
        );
      },
    ),
    { numRuns: 12 },
  );
});

function liveRows({ rows, deleted }: LiveFile): number[] {
  return rows.filter((_, i) => !deleted.includes(i));
}
