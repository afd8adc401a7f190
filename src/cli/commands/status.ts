import { existsSync } from "node:fs";
import { LandfallError } from "../../base/landfall-error.ts";
import { formatBytes, formatCount, formatDuration, parseDuration } from "../../base/units.ts";
import { styleText } from "node:util";
import type { LeaseSight } from "../../ledger/lock.ts";
import { ARRIVAL_STATES, type SkipRule } from "../../ledger/states.ts";
import { healthProblems } from "../../operate/health.ts";
import {
  tableStatus,
  type LedgerStatus,
  type PipelineStatus,
  type TableStatus,
} from "../../operate/status.ts";
import { withTableView } from "../../open/open-table-view.ts";
import { printable } from "../../base/printable.ts";
import { tableOrPipeline } from "../table-or-pipeline.ts";
import { factLines, printDocument, printLines, terminalWidth } from "../print-result.ts";
import { textTable } from "../text-table.ts";
import { agoText, utcText } from "../time-text.ts";

export interface StatusFlags {
  readonly json?: true;
  readonly name?: string;
  readonly state?: string;
  readonly health?: true;
  readonly maxLag?: string;
}

const MAX_LAG = "1h";

/** `landfall status [table|pipeline.yaml]` */
export async function statusCommand(options: {
  readonly place: string;
  readonly flags: StatusFlags;
}): Promise<number> {
  const { flags } = options;
  const { location, name } = await tableOrPipeline(options.place, flags);
  const status = await withTableView({ location, state: flags.state }, (view) =>
    tableStatus(view, { pipeline: name }),
  );
  if (flags.health === true) return health(status, flags);
  if (flags.json === true) printDocument(status);
  else printLines(statusLines(status, Date.now()));
  return 0;
}

/** Exit code 1 where a pipeline that is to keep running does not. */
function health(status: TableStatus, { maxLag = MAX_LAG, json }: StatusFlags): number {
  const lag = parseDuration(maxLag);
  if (lag === undefined) {
    throw new LandfallError("USAGE", {
      message: `--max-lag takes a duration, not ${JSON.stringify(maxLag)}.`,
      hint: "Write one such as 30s, 10m or 1h.",
    });
  }
  const problems = healthProblems(status, { now: Date.now(), maxLag: lag, isThere: existsSync });
  if (json === true) printDocument({ table: status.table, healthy: problems.length === 0, problems });
  else printLines(problems.length === 0 ? ["healthy"] : problems);
  return problems.length === 0 ? 0 : 1;
}

export function statusLines(status: TableStatus, now: number): string[] {
  const version = status.version === undefined ? "not made yet" : `version ${status.version}`;
  const lines = [`${styleText("bold", printable(status.table))}  ${version}`];
  if (status.pipelines.length === 0) {
    return [
      ...lines,
      "",
      "  No pipeline feeds this table.",
      "  landfall ingest <source> <table> begins one.",
    ];
  }
  for (const pipeline of status.pipelines) lines.push("", ...pipelineLines(pipeline, now));
  return lines;
}

function pipelineLines(status: PipelineStatus, now: number): string[] {
  const { summary } = status;
  const lines = [
    `  ${styleText("bold", printable(status.pipeline))}`,
    ...factLines(
      [
        ["source", status.source],
        ["held by", holderText(status.lease, now)],
        ["files", summary && filesText(summary.states)],
        ["skipped", summary && skippedText(summary.skipped)],
        ["rows", summary && rowsText(summary.rows, status.transformed === true)],
        ["tidy", summary && tidyText(summary.tidyFailed)],
        ["compacted", compactedText(status.compaction)],
        ["oldest waiting", waitingText(summary?.oldestWaitingAt, now)],
        ["ledger", ledgerText(status.ledger)],
      ],
      "    ",
    ),
  ];
  if (status.batches.length === 0) return lines;
  const table = textTable({
    columns: ["batch", "state", "version", "rows", "at (UTC)", ""],
    rows: status.batches.map((batch) => [
      batch.number,
      batch.state,
      batch.version ?? null,
      batch.rows === undefined ? null : formatCount(batch.rows),
      utcText(batch.at),
      agoText(batch.at, now),
    ]),
    width: terminalWidth() === undefined ? undefined : terminalWidth()! - 4,
  });
  return [...lines, "", ...table.split("\n").map((line) => `    ${line}`)];
}

function holderText(lease: LeaseSight | undefined, now: number): string | undefined {
  if (lease === undefined) return undefined;
  const who = `process ${lease.pid} on ${lease.host}, since ${utcText(lease.since)} UTC`;
  if (lease.holder === "alive") return `${who}: a run is under way`;
  if (lease.holder === "dead") return `nobody (${who}, has died; the next run goes on where it stopped)`;
  return `${who}, last heartbeat ${agoText(lease.heartbeatAt, now)}`;
}

function filesText(states: Readonly<Partial<Record<string, number>>>): string {
  const parts = ARRIVAL_STATES.flatMap((state) => {
    const count = states[state] ?? 0;
    return count === 0 ? [] : [`${formatCount(count)} ${state}`];
  });
  return parts.length === 0 ? "none seen yet" : parts.join(", ");
}

function skippedText(skipped: Readonly<Partial<Record<SkipRule, number>>>): string | undefined {
  const parts = Object.entries(skipped).map(([rule, count]) => `${formatCount(count)} ${rule}`);
  return parts.length === 0 ? undefined : parts.join(", ");
}

function rowsText(
  rows: {
    readonly read: number;
    readonly written: number;
    readonly rescued: number;
    readonly rejected: number;
    readonly corrupt: number;
  },
  transformed: boolean,
): string {
  const parts = [
    `${formatCount(rows.read)} read`,
    `${formatCount(rows.written)} ${transformed ? "into the transform" : "written"}`,
  ];
  if (rows.rescued > 0) parts.push(`${formatCount(rows.rescued)} with rescued values`);
  if (rows.corrupt > 0) parts.push(`${formatCount(rows.corrupt)} text of broken records`);
  if (rows.rejected > 0) parts.push(`${formatCount(rows.rejected)} rejected`);
  return parts.join(", ");
}

function tidyText(failed: number | undefined): string | undefined {
  if (failed === undefined) return undefined;
  return `${formatCount(failed)} could not be moved or deleted; \`landfall files show\` says why`;
}

function compactedText(compaction: PipelineStatus["compaction"]): string | undefined {
  if (compaction === undefined) return undefined;
  const { compactions, version, filesBefore, filesAfter, bytesBefore, bytesAfter, milliseconds } = compaction;
  const took = milliseconds === undefined ? "" : `, ${formatDuration(milliseconds)}`;
  const times = compactions === 1 ? "once" : `${formatCount(compactions)} times, last`;
  return `${times} with version ${version}: ${formatCount(filesBefore)} data files (${formatBytes(bytesBefore)}) became ${formatCount(filesAfter)} (${formatBytes(bytesAfter)})${took}`;
}

function waitingText(at: number | undefined, now: number): string | undefined {
  return at === undefined ? undefined : `${agoText(at, now)} (${utcText(at)} UTC)`;
}

function ledgerText(ledger: LedgerStatus): string | undefined {
  switch (ledger.state) {
    case "present":
      return undefined;
    case "behind":
      return `${formatCount(ledger.batches)} committed ${ledger.batches === 1 ? "batch is" : "batches are"} not in it; the next run takes them in`;
    case "lost":
      if (ledger.committedBatches === 0) return "none yet, and nothing has committed; the next run makes it";
      return `lost (${formatCount(ledger.committedBatches)} ${ledger.committedBatches === 1 ? "batch has" : "batches have"} committed); the next run rebuilds it from the table`;
    case "damaged":
      return `${ledger.message} ${ledger.hint ?? ""}`.trim();
    default:
      return ledger satisfies never;
  }
}
