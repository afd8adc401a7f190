/** Which Parquet files cannot be read to their end, though their footers say nothing of it. */
import type { StructType } from "../schema/data-type.ts";
import { withoutComputed } from "./compute-columns.ts";
import type { StageRequest } from "./engine.ts";
import type { ParquetFilling } from "./parquet-filling.ts";
import { isFilesFault, parquetFault } from "./parquet-footers.ts";
import { partFault, sourcesOf, type IncomingParquet } from "./parquet-schemas.ts";
import { selectFitted } from "./parquet-select.ts";
import type { StageContext } from "./stage-text.ts";

/** Reads each file, or member, alone, whole; the answer is by the file's key. */
export async function findFaults(
  request: StageRequest & ParquetFilling,
  context: StageContext,
  incoming: readonly IncomingParquet[],
  schema: StructType,
): Promise<Map<string, string>> {
  const faults = new Map<string, string>();
  for (const { file, member, footer } of incoming) {
    const fault = (what: string): unknown => faults.set(file.key, partFault(member, what));
    const select = selectFitted({
      ...request,
      schema: withoutComputed(schema, request.own),
      files: sourcesOf([{ file, member, footer }]),
      isClean: false,
    });
    try {
      const [row] = await context.duckdb.rows(
        `SELECT count(*) AS rows, bit_xor(hash(one)) AS proof FROM (${select}) one`,
        "read a Parquet file",
        context.signal,
      );
      const rows = Number(row!["rows"]);
      if (rows !== footer.rows)
        fault(`Parquet: the footer counts ${footer.rows} rows, the file holds ${rows}`);
    } catch (error) {
      if (!isFilesFault(error)) throw error;
      // An engine that can no longer answer anything says nothing about the file.
      await context.duckdb.rows("SELECT 1", "answer after a file that it could not read", context.signal);
      fault(parquetFault("its data cannot be read", error));
    }
  }
  return faults;
}
