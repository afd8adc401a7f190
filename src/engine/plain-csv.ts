/**
 * CSV files that the engine reads as they lie there. Only where the scanner has seen every byte, and nothing that readers of CSV differ
 * on: every record has all its fields, one kind of line end, no odd quotes; and every value is of a class that its column takes, so that
 * DuckDB's casts, which round and bend others in silence, print it back (reference: engine facts, §6).
 */
import type { StructType } from "../schema/data-type.ts";
import type { TargetNode } from "../schema/fit.ts";
import { columnNames } from "./scan/csv-fit.ts";
import type { PlainCsv } from "./scan/csv-reader.ts";
import { duckdbType, pathsArgument, quoteName, quoteText } from "./sql.ts";

/** Files of one header, read together. */
export interface PlainCsvGroup {
  readonly csv: PlainCsv;
  readonly paths: readonly string[];
}

/** Files of more headers than this are not worth a reader each. */
export const MOST_PLAIN_GROUPS = 8;
/** Bytes of a record, far below what DuckDB takes for a line. */
const LONGEST_RECORD = 1_000_000;
const LONGEST_HEADER = 100_000;
/** Room for the longest line that DuckDB takes. Its default is 16 times this: threads then share a file of 100 MB unevenly. */
const BUFFER_BYTES = 2_000_000;

/** True where DuckDB's own limits on lines are far away. */
export function isWithinLines(csv: PlainCsv, longest: number): boolean {
  const header = csv.names.reduce((total, name) => total + name.length, 0);
  return longest <= LONGEST_RECORD && header <= LONGEST_HEADER;
}

/** What files must share to be read by one reader. */
export function plainGroupKey(csv: PlainCsv): string {
  return JSON.stringify([csv.names, csv.lineEnd, csv.separator, csv.header]);
}

/** A SELECT of the columns of `read`, in their order. Columns of the files go by their places: their names may be any. */
export function plainCsvSelect(options: {
  readonly group: PlainCsvGroup;
  readonly target: TargetNode;
  readonly read: StructType;
}): string {
  const { group, target, read } = options;
  const { csv } = group;
  const places = new Map(columnNames(target, csv.names).map((name, i) => [name, i]));
  const types = csv.names.map(() => "VARCHAR");
  const columns = read.fields.map((field) => {
    const type = duckdbType(field.type);
    const place = target.fields.has(field.name) ? places.get(field.name) : undefined;
    const isRead = place !== undefined && typeof field.type === "string";
    if (isRead) types[place] = type;
    return `${isRead ? quoteName(`c${place}`) : `CAST(NULL AS ${type})`} AS ${quoteName(field.name)}`;
  });
  const list = types.map((type, i) => `${quoteText(`c${i}`)}: ${quoteText(type)}`).join(", ");
  return `SELECT ${columns.join(", ")} FROM read_csv(${pathsArgument(group.paths)}, auto_detect = false, header = ${csv.header},
    delim = ${quoteText(csv.separator)}, quote = '"', escape = '"', new_line = ${quoteText(csv.lineEnd === "\n" ? "\\n" : "\\r\\n")},
    buffer_size = ${BUFFER_BYTES}, allow_quoted_nulls = false, compression = 'none', hive_partitioning = false, columns = {${list}})`;
}
