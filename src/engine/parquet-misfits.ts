/** How many rows of Parquet files do not wholly fit their columns, and where those values stand. */
import type { StructType } from "../schema/data-type.ts";
import { keyPathText } from "../schema/key-path.ts";
import type { StageRequest, StageResult } from "./engine.ts";
import type { ParquetFilling } from "./parquet-filling.ts";
import { byShape, sourcesOf, type IncomingParquet } from "./parquet-schemas.ts";
import { placesOfMisfits, selectRescued, type ParquetSelection } from "./parquet-select.ts";
import type { StageContext } from "./stage-text.ts";

/** What does not fit its column. */
export interface Misfits {
  /** Rows of each file, or member, of which something does not fit, by the path of its footer; only of those that have such rows. */
  readonly rows: ReadonlyMap<string, number>;
  /** The keys, as paths in words, each with one file; where the values are rescued, only if it is asked for. */
  readonly keys: ReadonlyMap<string, string>;
}

/** Only files of shapes that can hold a misfit are read for it. */
export async function countMisfits(
  request: StageRequest & ParquetFilling & Pick<ParquetSelection, "tellsPlaces">,
  context: StageContext,
  incoming: readonly IncomingParquet[],
  schema: StructType,
): Promise<Misfits> {
  const fileKeys = new Map(incoming.map(({ file, footer }) => [footer.path, file.key]));
  const counts = new Map<string, number>();
  const keys = new Map<string, string>();
  for (const group of byShape(incoming)) {
    const selection = { ...request, schema, files: sourcesOf(group) };
    const sql = selectRescued(selection);
    if (sql === undefined) continue;
    const places = placesOfMisfits(selection).map(keyPathText);
    const rows = await context.duckdb.rows(sql, "count what does not fit", context.signal);
    for (const row of rows) {
      if (Number(row["rescued"]) === 0) continue;
      const path = String(row["file"]);
      const fileKey = fileKeys.get(path)!;
      counts.set(path, Number(row["rescued"]));
      for (const [i, place] of places.entries())
        if (Number(row[`misfits_${i}`]) > 0 && !keys.has(place)) keys.set(place, fileKey);
    }
  }
  return { rows: counts, keys };
}

/** Keys of which something was left out, each with one file; nothing where it was rescued. */
export function ignoredKeys(request: StageRequest, { keys }: Misfits): Pick<StageResult, "ignored"> {
  if (request.rescuedDataColumn !== undefined || keys.size === 0) return {};
  return { ignored: [...keys].map(([path, file]) => ({ path, file })) };
}
