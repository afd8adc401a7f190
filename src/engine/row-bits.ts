/** Rows of files that were met, as a bit for each row of a file. */
import type { MatchedFile, QueryTable } from "./engine.ts";
import type { SqlSession } from "./parquet-shape.ts";
import { pathsArgument } from "./sql.ts";

export interface FoundRows {
  bits: Uint8Array;
  count: number;
}

/** The bits grow with the rows that are met. */
export function setRow(found: Map<number, FoundRows>, file: number, row: number): void {
  let own = found.get(file);
  if (own === undefined) found.set(file, (own = { bits: new Uint8Array(64), count: 0 }));
  const at = row >> 3;
  if (at >= own.bits.length) {
    const grown = new Uint8Array(Math.max(at + 1, 2 * own.bits.length));
    grown.set(own.bits);
    own.bits = grown;
  }
  own.bits[at]! |= 128 >> (row & 7);
  own.count++;
}

/** All rows of some of the files, as their footers tell. */
export async function rowsOfFiles(
  session: Pick<SqlSession, "rows">,
  { files }: Pick<QueryTable, "files">,
  places: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (places.length === 0) return new Map();
  const paths = [...new Set(places.map((place) => files[place]!.path))];
  const footers = await session.rows(
    `SELECT file_name, num_rows FROM parquet_file_metadata(${pathsArgument(paths)})`,
  );
  const rows = new Map(footers.map((row) => [row["file_name"] as string, Number(row["num_rows"])]));
  return new Map(
    places.map((place) => {
      const { path } = files[place]!;
      return [place, rows.get(path)!];
    }),
  );
}

export function matchedFiles(
  found: ReadonlyMap<number, FoundRows>,
  rowsOf: ReadonlyMap<number, number>,
): readonly MatchedFile[] {
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([file, { bits, count }]) => {
      const rows = rowsOf.get(file)!;
      const matched = new Uint8Array(Math.ceil(rows / 8));
      matched.set(bits.subarray(0, matched.length));
      return { file, rows, count, matched };
    });
}
