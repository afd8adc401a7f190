import { stat } from "node:fs/promises";
import type { StructType } from "../schema/data-type.ts";
import { columnsArgument, pathsArgument } from "./sql.ts";
import { objectSize } from "./write-rows.ts";

/** Of the lines of a checkpoint the longest is the table's metadata; a schema of 10,000 columns is a megabyte. */
const LONGEST_LINE = 64 * 1024 ** 2;

/** A local file with an object of JSON a line, as a relation with these columns; a key that a line lacks is null. */
export async function jsonLinesSql(path: string, columns: StructType): Promise<string> {
  const { size } = await stat(path);
  return `read_json(${pathsArgument([path])}, format = 'newline_delimited', records = true, compression = 'uncompressed',
    maximum_object_size = ${Math.min(objectSize(size), LONGEST_LINE)}, columns = ${columnsArgument(columns)})`;
}
