/** How many rows of Parquet files do not wholly fit their columns, and which columns those are. */
import type { StructType } from "../schema/data-type.ts";
import { keyPathText } from "../schema/key-path.ts";
import type { StageRequest, StageResult } from "./engine.ts";
import type { ParquetFilling } from "./parquet-filling.ts";
import { byShape, sourcesOf, type IncomingParquet } from "./parquet-schemas.ts";
import { columnsOfMisfits, selectRescued } from "./parquet-select.ts";
import type { StageContext } from "./stage-text.ts";

/** What does not fit its column. */
export interface Misfits {
  /** Rows of each file, or member, of which something does not fit, by the path of its footer; only of those that have such rows. */
  readonly rows: ReadonlyMap<string, number>;
  /** The columns, each with one file. */
  readonly columns: ReadonlyMap<string, string>;
}

/** Only files of shapes that can hold a misfit are read for it. */
export async function countMisfits(
  request: StageRequest & ParquetFilling,
  context: StageContext,
  incoming: readonly IncomingParquet[],
  schema: StructType,
): Promise<Misfits> {
  const keys = new Map(incoming.map(({ file, footer }) => [footer.path, file.key]));
  const counts = new Map<string, number>();
  const columns = new Map<string, string>();
  for (const group of byShape(incoming)) {
    const selection = { ...request, schema, files: sourcesOf(group) };
    const sql = selectRescued(selection);
    if (sql === undefined) continue;
    const names = columnsOfMisfits(selection);
    const rows = await context.duckdb.rows(sql, "count what does not fit", context.signal);
    for (const row of rows) {
      if (Number(row["rescued"]) === 0) continue;
      const path = String(row["file"]);
      const key = keys.get(path)!;
      counts.set(path, Number(row["rescued"]));
      for (const [i, name] of names.entries())
        if (Number(row[`misfits_${i}`]) > 0 && !columns.has(name)) columns.set(name, key);
    }
  }
  return { rows: counts, columns };
}

/** Columns of which something was left out, each with one file; nothing where it was rescued. */
export function ignoredKeys(request: StageRequest, { columns }: Misfits): Pick<StageResult, "ignored"> {
  if (request.rescuedDataColumn !== undefined || columns.size === 0) return {};
  return { ignored: [...columns].map(([name, file]) => ({ path: keyPathText([name]), file })) };
}
