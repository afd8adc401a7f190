/** Whether the pipelines of a table that are to keep running do. */
import { formatDuration } from "../base/units.ts";
import type { PipelineStatus, TableStatus } from "./status.ts";

/** Of a holder that cannot be seen from here: six heartbeats. */
const SILENT_MS = 60_000;

/** What is wrong, a sentence each; none for a table whose pipelines are all well. Pure. */
export function healthProblems(
  status: TableStatus,
  options: {
    /** Milliseconds since the epoch. */
    readonly now: number;
    /** Milliseconds that a file may wait to be read. */
    readonly maxLag: number;
    /** Of a source's folder: a mount that is gone keeps no process from running, and no file waits there. */
    readonly isThere: (source: string) => boolean;
  },
): string[] {
  if (status.pipelines.length === 0) return ["no pipeline feeds this table"];
  return status.pipelines.flatMap((pipeline) =>
    problemsOf(pipeline, options).map((problem) => `${pipeline.pipeline}: ${problem}`),
  );
}

function problemsOf(
  { source, lease, ledger, summary }: PipelineStatus,
  { now, maxLag, isThere }: Parameters<typeof healthProblems>[1],
): string[] {
  const problems: string[] = [];
  if (lease === undefined) problems.push("no process runs it");
  else if (lease.holder === "dead") problems.push(`process ${lease.pid}, which ran it, has died`);
  else if (now - lease.heartbeatAt > SILENT_MS)
    problems.push(
      `process ${lease.pid} has given no sign of life for ${formatDuration(now - lease.heartbeatAt)}`,
    );
  // Another host may see it where this one does not.
  if (lease?.holder === "alive" && !isThere(source)) problems.push(`its source ${source} is not there`);
  if (ledger.state === "damaged") problems.push(ledger.message);
  const waits = summary?.oldestWaitingAt === undefined ? 0 : now - summary.oldestWaitingAt;
  if (waits > maxLag) problems.push(`a file has waited for ${formatDuration(waits)}`);
  return problems;
}
