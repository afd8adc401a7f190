/** A version's rows as a query of the table gives them, with canonical values: for comparison with what a judge read. */
import type { Engine } from "../../src/engine/engine.ts";
import { queryTable } from "../../src/operate/query-table.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { sortRows, type CanonicalRow } from "./canonical-rows.ts";
import { canonicalRowsOf, type NamedType } from "./canonical-values.ts";

const MOST_ROWS = 1_000_000;

/** Sorted. @throws LandfallError as `queryTable` */
export async function queriedRows(options: {
  readonly table: string;
  /** Default: the newest. */
  readonly version?: number;
  /** Of the version's schema. */
  readonly fields: readonly NamedType[];
  readonly engine: Engine;
  readonly scratchFolder: string;
}): Promise<CanonicalRow[]> {
  const { table, fields, engine, scratchFolder, version } = options;
  const { rows } = await queryTable({
    storage: localStorage({ root: table }),
    engine,
    scratchFolder,
    sql: "SELECT * FROM t",
    limit: MOST_ROWS,
    ...(version === undefined ? {} : { version }),
  });
  return sortRows(canonicalRowsOf(rows, fields));
}
