/** Statements that hold a condition of a person's: which of their errors are its fault, and which are of the table's files. */
import type { DuckDBConnection, DuckDBPreparedStatement } from "@duckdb/node-api";
import { LandfallError, messageOf } from "../../base/landfall-error.ts";
import { engineError } from "../duckdb.ts";
import type { LockedInstance } from "../locked-instance.ts";

/** @throws LandfallError QUERY_INVALID where the condition does not fit the columns */
export async function prepared(
  connection: DuckDBConnection,
  sql: string,
  table: string,
): Promise<DuckDBPreparedStatement> {
  try {
    return await connection.prepare(sql);
  } catch (error) {
    if (!/^(Binder|Catalog|Conversion|Parser) Error/.test(messageOf(error))) throw error;
    throw conditionFailed(error, table);
  }
}

/** Translates errors once. What the rows of a table make fail is the condition's fault: nothing else is computed of them. */
export async function guarded<T>(
  doing: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  { where, locked }: { readonly where?: string | undefined; readonly locked?: LockedInstance } = {},
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    if (where !== undefined && /^(Conversion|Out of Range) Error/.test(messageOf(error)))
      throw conditionFailed(error, doing);
    throw (await locked?.fileFault(error)) ?? engineError(error, doing);
  }
}

function conditionFailed(error: unknown, of: string): LandfallError {
  const [why] = messageOf(error).split("\n", 1);
  return new LandfallError("QUERY_INVALID", {
    message: `The condition failed for ${of}: ${why!}`,
    hint: "Name the table's columns only, and compare values of one type; TRY_CAST gives null where a value does not fit.",
    cause: error,
  });
}
