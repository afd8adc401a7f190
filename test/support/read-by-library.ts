/** A version of a table as a program that imports `landfall/delta` gets it, with canonical values. */
import type { DeltaTable } from "../../src/table/open-table.ts";
import type { TableSnapshot } from "../../src/table/table-snapshot.ts";
import { valuesOf } from "../../src/engine/column-batch/value-at.ts";
import { canonicalColumnValue } from "./canonical-column-values.ts";
import { sortRows, type CanonicalRow } from "./canonical-rows.ts";
import { namedTypes, type NamedType } from "./canonical-values.ts";

export interface LibraryRead {
  readonly snapshot: TableSnapshot;
  readonly fields: readonly NamedType[];
  /** Sorted. */
  readonly rows: readonly CanonicalRow[];
}

/** @param options.version default: the newest. @throws LandfallError as `DeltaTable` */
export async function readByLibrary(
  table: Pick<DeltaTable, "snapshot">,
  { version }: { readonly version?: number } = {},
): Promise<LibraryRead> {
  const snapshot = await table.snapshot({ version });
  const rows = await scannedRows(snapshot);
  return { snapshot, fields: namedTypes(snapshot.schema.fields), rows };
}

/** Sorted; few rows a batch, so that there are several. */
export async function scannedRows(
  snapshot: TableSnapshot,
  options: { readonly where?: string } = {},
): Promise<CanonicalRow[]> {
  const { fields } = snapshot.schema;
  const rows: CanonicalRow[] = [];
  for await (const batch of snapshot.scan({ ...options, batchRows: 100 })) {
    const columns = fields.map(({ name, type }) =>
      valuesOf(batch.columns[name]!).map((value) => canonicalColumnValue(value, type)),
    );
    for (let i = 0; i < batch.rowCount; i++)
      rows.push(Object.fromEntries(fields.map(({ name }, at) => [name, columns[at]![i]])));
  }
  return sortRows(rows);
}
