/**
 * Three values that a reader who looks only at the beginning gets wrong, planted into late files: a key that no row before had, a
 * number of 30 digits and a 1.5 in a column of integers. Each must stand exactly in its column or in `_rescued_data`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The column of integers. */
export const PLANTED_COLUMN = "odo_m";
export const LATE_KEY = "recall";

export interface PlantedValue {
  /** The `id` of its row. */
  readonly id: string;
  readonly column: string;
  /** As it stands in the file. */
  readonly literal: string;
  /** Files from the end: 1 is the last. */
  readonly fromEnd: number;
  /** True for a value that does not fit a BIGINT. */
  readonly isNoBigint: boolean;
}

export const PLANTED: readonly PlantedValue[] = [
  { id: "planted-late-key", column: LATE_KEY, literal: '"late"', fromEnd: 3, isNoBigint: false },
  {
    id: "planted-30-digits",
    column: PLANTED_COLUMN,
    literal: "123456789012345678901234567890",
    fromEnd: 2,
    isNoBigint: true,
  },
  { id: "planted-1.5", column: PLANTED_COLUMN, literal: "1.5", fromEnd: 1, isNoBigint: true },
];

/** Changes one row of each of the last files of a folder; sizes change by a few bytes, counts do not. */
export async function plantValues(folder: string, names: readonly string[]): Promise<void> {
  for (const value of PLANTED) {
    const path = join(folder, names.at(-value.fromEnd)!);
    await writeFile(path, withPlanted(await readFile(path), value));
  }
}

/** The file with one row, two thirds into it, that holds the value. */
export function withPlanted(file: Buffer, value: PlantedValue): Buffer {
  const start = file.lastIndexOf(10, Math.floor((file.length * 2) / 3)) + 1;
  const end = file.indexOf(10, start);
  const row = file.toString("utf8", start, end).replace(/"id":"[^"]*"/, `"id":"${value.id}"`);
  const changed =
    value.column === LATE_KEY
      ? `${row.slice(0, -1)},"${LATE_KEY}":${value.literal}}`
      : row.replace(/"odo_m":\d+/, `"odo_m":${value.literal}`);
  return Buffer.concat([file.subarray(0, start), Buffer.from(changed), file.subarray(end)]);
}

/** A planted row as an independent reader finds it. */
export interface FoundRow {
  readonly id: string;
  /** The column's value as exact text (a double in full), null where it is null or there is no such column. */
  readonly values: Readonly<Record<string, string | null>>;
  readonly rescued: string | null;
}

/** Sentences about what is not where it should be; none when all is well. */
export function plantedFaults(
  found: readonly FoundRow[],
  options: { readonly hintedBigint: boolean },
): string[] {
  return PLANTED.flatMap((value) => {
    const rows = found.filter((row) => row.id === value.id);
    const [row] = rows;
    if (row === undefined || rows.length > 1) return [`${value.id} is there ${rows.length} times`];
    const inColumn = row.values[value.column] === textOf(value.literal);
    const inRescued = row.rescued?.includes(`"${value.column}":${value.literal}`) ?? false;
    if (options.hintedBigint && value.isNoBigint) {
      const isNull = (row.values[value.column] ?? null) === null;
      return inRescued && isNull ? [] : [`${value.id} was not rescued: ${JSON.stringify(row)}`];
    }
    return inColumn || inRescued ? [] : [`${value.id} is nowhere exact: ${JSON.stringify(row)}`];
  });
}

function textOf(literal: string): string {
  return literal.startsWith('"') ? (JSON.parse(literal) as string) : literal;
}
