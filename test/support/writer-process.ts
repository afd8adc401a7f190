/**
 * One of several processes that change a table at once: `node writer-process.ts TABLE WRITER SEED COMMITS`. Rows have a writer `w`, an `id` and a
 * value `v`; each process adds, changes, deletes and merges only its own, and besides raises the counters that all share (`w` is 0). What the
 * table refuses as a conflict is asked for again. At the end it prints what the table must hold of it.
 */
import process from "node:process";
import { isLandfallError } from "../../src/base/landfall-error.ts";
import { seededRandom } from "../../src/operate/prove/seeded-random.ts";
import type { MergeOptions } from "../../src/write/merge/merge-options.ts";
import { openTable } from "../../src/write/open-table.ts";
import type { CommittedWrite } from "../../src/write/write-plan.ts";

export interface WriterReport {
  /** Its rows: id and value. */
  readonly rows: readonly (readonly [id: number, value: number])[];
  /** How often it raised each counter. */
  readonly raised: readonly number[];
  readonly versions: readonly number[];
  /** Commits of `optimize`, whose versions it does not tell. */
  readonly optimized: number;
  readonly refusals: Readonly<Record<string, number>>;
}

export const COUNTERS = 3;

const MERGE: MergeOptions = {
  on: "t.w = s.w AND t.id = s.id",
  whenMatched: [{ where: "s.v < 0", delete: true }, { update: { v: "t.v + s.v" } }],
  whenNotMatched: { insert: "all" },
};

async function write(place: string, writer: number, seed: number, commits: number): Promise<WriterReport> {
  const random = seededRandom(seed);
  await using table = openTable(place, { threads: 1, memory: "256m" });
  const rows = new Map<number, number>();
  const raised = Array.from({ length: COUNTERS }, () => 0);
  const versions: number[] = [];
  const refusals: Record<string, number> = {};
  let optimized = 0;
  let next = 1;
  const until = async <T>(change: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await change();
      } catch (error) {
        if (!isLandfallError(error) || !error.code.startsWith("CONFLICT_")) throw error;
        refusals[error.code] = (refusals[error.code] ?? 0) + 1;
      }
    }
  };
  const note = (committed: CommittedWrite | undefined): void => {
    if (committed === undefined) throw new Error(`writer ${writer} found nothing to change`);
    versions.push(committed.version);
  };
  const own = (): number | undefined => (rows.size === 0 ? undefined : random.pick([...rows.keys()]));

  while (versions.length + optimized < commits) {
    const kind = random.below(15);
    const id = own();
    if (kind < 5 || id === undefined) {
      const added = Array.from({ length: 1 + random.below(4) }, () => ({ w: writer, id: next++, v: 0 }));
      note(await until(() => table.append(added)));
      for (const row of added) rows.set(row.id, row.v);
    } else if (kind < 7) {
      note(await until(() => table.delete({ where: `w = ${writer} AND id = ${id}` })));
      rows.delete(id);
    } else if (kind < 9) {
      note(await until(() => table.update({ set: { v: "v + 1" }, where: `w = ${writer} AND id >= ${id}` })));
      for (const [one, v] of rows) if (one >= id) rows.set(one, v + 1);
    } else if (kind < 11) {
      const counter = random.below(COUNTERS);
      note(await until(() => table.update({ set: { v: "v + 1" }, where: `w = 0 AND id = ${counter}` })));
      raised[counter]! += 1;
    } else if (kind < 14) {
      // A row of its own that goes, one that changes, a new one, and a counter that the others raise, too.
      const [gone, changed] = [id, [...rows.keys()].find((one) => one !== id)];
      const counter = random.below(COUNTERS);
      const source = [
        { w: writer, id: gone, v: -1 },
        ...(changed === undefined ? [] : [{ w: writer, id: changed, v: 3 }]),
        { w: writer, id: next, v: 7 },
        { w: 0, id: counter, v: 1 },
      ];
      note(await until(() => table.merge(source, MERGE)));
      rows.delete(gone);
      if (changed !== undefined) rows.set(changed, rows.get(changed)! + 3);
      rows.set(next++, 7);
      raised[counter]! += 1;
    } else optimized += (await until(() => table.optimize())).commits;
  }
  return { rows: [...rows], raised, versions, optimized, refusals };
}

const [place, ...numbers] = process.argv.slice(2);
if (process.argv[1] === import.meta.filename) {
  const [writer, seed, commits] = numbers.map(Number) as [number, number, number];
  console.log(JSON.stringify(await write(place!, writer, seed, commits)));
}
