/** Rows of column batches with canonical values, spelled as tools/judges/canonical.py spells them. */
import type { Column } from "../../src/engine/column-batch/column-batch.ts";
import type { RecordBatch } from "../../src/table/record-batch.ts";
import { canonicalColumnValue } from "./canonical-column-values.ts";
import { sortRows, type CanonicalRow } from "./canonical-rows.ts";

/** Sorted. */
export async function canonicalRowsIn(batches: AsyncIterable<RecordBatch>): Promise<CanonicalRow[]> {
  const rows: CanonicalRow[] = [];
  for await (const batch of batches) {
    const inOrder: readonly Column[] = Object.values(batch.columns);
    for (const row of batch.rows())
      rows.push(
        Object.fromEntries(
          inOrder.map(({ name, type }) => [name, canonicalColumnValue(row[name] ?? null, type)]),
        ),
      );
  }
  return sortRows(rows);
}
