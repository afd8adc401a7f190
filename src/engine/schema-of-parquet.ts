/** What Parquet files of a person's hold, as a table's columns. */
import { stat } from "node:fs/promises";
import { LandfallError, systemCodeOf } from "../base/landfall-error.ts";
import type { StructType } from "../schema/data-type.ts";
import type { Duckdb } from "./duckdb.ts";
import { readFooters } from "./parquet-footers.ts";
import { fieldsOf } from "./parquet-type.ts";

const MAX_COLUMNS = 100_000;
const MAX_DEPTH = 100;

/**
 * One schema for each shape of file, in the order of the files.
 *
 * @throws LandfallError SOURCE_MISSING for a file that is not there, FILE_DAMAGED for one that is no Parquet or has a column of a type that
 *   no table has
 */
export async function schemasOfParquet(
  duckdb: Duckdb,
  { paths, signal }: { readonly paths: readonly string[]; readonly signal?: AbortSignal | undefined },
): Promise<StructType[]> {
  for (const path of paths) await lookFor(path);
  const footers = await readFooters({
    duckdb,
    paths,
    maxColumns: MAX_COLUMNS,
    maxDepth: MAX_DEPTH,
    signal,
  });
  const shapes = new Map<string, StructType>();
  for (const footer of footers) {
    if ("damage" in footer) {
      throw new LandfallError("FILE_DAMAGED", {
        message: `${footer.path} cannot be written into a table: ${footer.damage}.`,
        hint: "Nothing was written. Leave the file out, or have it written again.",
        file: footer.path,
      });
    }
    shapes.set(footer.shape, { type: "struct", fields: fieldsOf(footer.columns) });
  }
  return [...shapes.values()];
}

async function lookFor(path: string): Promise<void> {
  try {
    if ((await stat(path)).isFile()) return;
  } catch (cause) {
    if (!["ENOENT", "ENOTDIR"].includes(systemCodeOf(cause) ?? "")) throw unreadable(path, cause);
  }
  throw new LandfallError("SOURCE_MISSING", {
    message: `There is no file ${path}.`,
    hint: "Name Parquet files by their paths, not folders or patterns.",
    file: path,
  });
}

function unreadable(path: string, cause: unknown): LandfallError {
  return new LandfallError("SOURCE_UNREADABLE", { message: `${path} cannot be read.`, file: path, cause });
}
