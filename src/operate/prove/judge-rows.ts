/** Does the table hold every row of every committed generation once, and no other row? */
import type { Snapshot } from "../../delta/snapshot.ts";
import { storageKeyOfPath } from "../../delta/add-path.ts";
import type { Engine } from "../../engine/engine.ts";
import { quoteName } from "../../engine/sql.ts";
import type { Arrival } from "../../ledger/ledger.ts";
import type { Storage } from "../../storage/storage.ts";
import type { SourceHistory } from "./source-history.ts";

const LIMIT = 1_000_000;
const NAMED = 5;

export async function judgeRows(options: {
  readonly history: SourceHistory;
  readonly arrivals: readonly Arrival[];
  readonly snapshot: Snapshot | undefined;
  readonly idColumn: string;
  readonly storage: Storage;
  readonly engine: Engine;
}): Promise<readonly string[]> {
  const expected = expectedRows(options.history, options.arrivals);
  const found = options.snapshot === undefined ? new Map() : await countRows(options, options.snapshot);
  const faults: string[] = [];
  for (const id of new Set([...expected.keys(), ...found.keys()])) {
    const should = expected.get(id) ?? 0;
    const is = found.get(id) ?? 0;
    if (should !== is)
      faults.push(`row ${id} should stand ${should} times in the table, and stands ${is} times`);
  }
  if (faults.length <= NAMED) return faults;
  return [...faults.slice(0, NAMED), `${faults.length - NAMED} more rows are missing or doubled`];
}

/** How often each row must stand in the table: once for each committed generation that holds it. */
function expectedRows(history: SourceHistory, arrivals: readonly Arrival[]): Map<string, number> {
  const committed = new Set(
    arrivals
      .filter(({ state }) => state === "committed" || state === "archived")
      .map((arrival) => `${arrival.generation}\0${arrival.key}`),
  );
  const expected = new Map<string, number>();
  for (const written of [...history.generations.values()].flat()) {
    if (!committed.has(`${written.generation}\0${written.key}`)) continue;
    for (const id of written.ids) expected.set(id, (expected.get(id) ?? 0) + 1);
  }
  return expected;
}

async function countRows(
  options: { readonly idColumn: string; readonly storage: Storage; readonly engine: Engine },
  snapshot: Snapshot,
): Promise<Map<string, number>> {
  const { idColumn, storage, engine } = options;
  const id = quoteName(idColumn);
  const files = [...snapshot.adds.values()].map((add) => ({
    path: storage.localPath!(storageKeyOfPath(add.path)!),
    partitionValues: add.partitionValues,
  }));
  const { schema, partitionColumns } = snapshot;
  const result = await engine.query({
    sql: `SELECT ${id}, CAST(count(*) AS INTEGER) FROM t GROUP BY ${id}`,
    limit: LIMIT,
    tables: [{ name: "t", schema, partitionColumns, files }],
  });
  return new Map(result.rows.map(([id, count]) => [String(id), Number(count)]));
}
