/** Work on a DuckDB connection that stops when a signal says so. */
import type { DuckDBConnection } from "@duckdb/node-api";

/** Milliseconds between two interrupts: one that falls between two steps of a statement is lost. */
const AGAIN_AFTER = 20;

/** Rejects with the signal's reason once it is aborted and the statement has stopped; else as `work` does. */
export async function interruptible<T>(
  connection: Pick<DuckDBConnection, "interrupt">,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  let again: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    connection.interrupt();
    again = setInterval(() => connection.interrupt(), AGAIN_AFTER);
  };
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearInterval(again);
    signal?.removeEventListener("abort", interrupt);
  }
}
