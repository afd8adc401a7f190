/** What one round of a pipeline that keeps running came to, for people: a line, and below it what may need them. */
import { formatDuration } from "../base/units.ts";
import { totalsOf, type RunReport } from "../operate/run-report.ts";
import { compactedText, eventLines, fileTotals, rowTotals, shellWord } from "./run-summary.ts";

/** `at`: an instant as text. */
export function roundLines(report: RunReport, at: string): string {
  const { pipeline, result, events, seconds } = report;
  const totals = totalsOf(result);
  const versions = result.batches.map(({ version }) => version);
  const what =
    versions.length === 0
      ? "nothing read"
      : `${versionsText(versions)}: files ${fileTotals(totals)}; rows ${rowTotals(totals)}  (${formatDuration(seconds * 1000)})`;
  const why = totals.rowsRejected > 0 ? [`    why: landfall files rejected ${shellWord(report.table)}`] : [];
  const compacted = compactedText(result);
  const small = compacted === undefined ? [] : [`    small files compacted: ${compacted}`];
  return [`${at}  ${pipeline}  ${what}`, ...small, ...why, ...eventLines(events)].join("\n");
}

function versionsText(versions: readonly number[]): string {
  return versions.length === 1
    ? `version ${versions[0]!}`
    : `versions ${versions[0]!} to ${versions.at(-1)!}`;
}
