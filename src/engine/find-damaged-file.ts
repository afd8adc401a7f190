/** Which data file cannot be read, where DuckDB's error about a damaged page does not say. */
import { messageOf, type LandfallError } from "../base/landfall-error.ts";
import { dataFileError } from "./data-file-error.ts";
import type { SqlSession } from "./parquet-shape.ts";
import { pathsArgument } from "./sql.ts";

/** The kinds of error that a Parquet file's bytes lead to; a person's SQL leads to others, which cost no second reading. */
const OF_BYTES = /^(?:Invalid(?: Input)?|IO|Serialization) Error: /;

/** Reads each file alone, whole, until one fails. Undefined where the error is of another kind, or every file can be read. */
export async function findDamagedFile(
  error: unknown,
  { paths, session }: { readonly paths: Iterable<string>; readonly session: SqlSession },
): Promise<LandfallError | undefined> {
  if (!OF_BYTES.test(messageOf(error))) return undefined;
  for (const path of new Set(paths)) {
    try {
      await session.rows(
        `SELECT bit_xor(hash(f)) AS proof FROM read_parquet(${pathsArgument([path])}, hive_partitioning = false) f`,
      );
    } catch (cause) {
      if (!OF_BYTES.test(messageOf(cause))) return undefined;
      return dataFileError(new Error(`${path}: ${messageOf(error)}`, { cause: error }), [path]);
    }
  }
  return undefined;
}
