/** What a run came to, as text for people. */
import { styleText } from "node:util";
import { displayKey } from "../base/path-bytes.ts";
import { formatBytes, formatCount, formatDuration } from "../base/units.ts";
import type { BatchCounts, IngestEvent } from "../ingest/events.ts";
import type { RunResult } from "../ingest/run.ts";
import type { SkipRule } from "../ledger/states.ts";
import { printable } from "../base/printable.ts";
import { hasTransform, ignoredKeys, totalsOf, type RunReport } from "../operate/run-report.ts";
import { widenedText } from "./widened-text.ts";

/** Files of one kind that are named one by one. */
const NAMED = 10;

export function runSummary(report: RunReport): string {
  const { result } = report;
  const totals = totalsOf(result);
  const lines = [
    `${styleText("bold", report.pipeline)}  ${printable(report.source)} → ${printable(report.table)}`,
    "",
  ];
  if (result.batches.length === 0) lines.push(...quietLines(report));
  else lines.push(...totalLines(report, totals));
  lines.push(...eventLines(report.events));
  lines.push(...nextSteps(report, totals));
  return lines.join("\n");
}

function quietLines(report: RunReport): string[] {
  const { result, events } = report;
  const listed = events.find((event) => event.type === "listing.done");
  const seen = listed?.type === "listing.done" ? listed.seen : 0;
  const unfinished = unfinishedOf(report);
  const judged = Object.keys(result.skipped).length > 0;
  const files = seen === 1 ? "1 file" : `${formatCount(seen)} files`;
  const none = `The source has no files${unfinished > 0 ? " that are finished" : ""}.`;
  const what = seen === 0 ? none : `Nothing new${judged ? " to read" : ""} among ${files}.`;
  return [
    `  ${what}  (${formatDuration(report.seconds * 1000)})`,
    ...takenInLines(result),
    ...tidiedLines(result),
    ...compactedLines(result),
    ...waitingLines(report),
  ];
}

function unfinishedOf({ events }: RunReport): number {
  const listed = events.findLast((event) => event.type === "listing.done");
  return listed?.type === "listing.done" ? (listed.unfinished ?? 0) : 0;
}

/** `3 committed, 1 quarantined` */
export function fileTotals(totals: BatchCounts): string {
  return [
    `${formatCount(totals.committed)} committed`,
    ...(totals.quarantined > 0 ? [`${formatCount(totals.quarantined)} quarantined`] : []),
    ...(totals.skipped > 0 ? [`${formatCount(totals.skipped)} skipped`] : []),
  ].join(", ");
}

/** `300 written, 2 rejected` */
export function rowTotals(totals: BatchCounts): string {
  const ofThem = hasTransform(totals) ? "read" : "of them";
  return [
    `${formatCount(totals.rowsWritten)} written`,
    ...(hasTransform(totals)
      ? [
          `${formatCount(totals.rowsIntoTransform)} into the transform`,
          `${formatCount(totals.rowsOutOfTransform)} out of it`,
        ]
      : []),
    ...(totals.rowsRescued > 0 ? [`${formatCount(totals.rowsRescued)} ${ofThem} with rescued values`] : []),
    ...(totals.rowsIgnored > 0 ? [`${formatCount(totals.rowsIgnored)} ${ofThem} with values left out`] : []),
    ...(totals.rowsCorrupt > 0
      ? [`${formatCount(totals.rowsCorrupt)} ${ofThem} text of broken records`]
      : []),
    ...(totals.rowsRejected > 0 ? [`${formatCount(totals.rowsRejected)} rejected`] : []),
  ].join(", ");
}

function totalLines(report: RunReport, totals: BatchCounts): string[] {
  const { result, seconds } = report;
  const versions = result.batches.map((batch) => batch.version);
  const range =
    versions.length === 1 ? `version ${versions[0]!}` : `versions ${versions[0]!} to ${versions.at(-1)!}`;
  const batches = `${formatCount(versions.length)} ${versions.length === 1 ? "batch" : "batches"}`;
  return [
    `  files  ${fileTotals(totals)}`,
    `  rows   ${rowTotals(totals)}`,
    `  table  ${range}, ${batches}`,
    `  time   ${formatDuration(seconds * 1000)}, ${formatBytes(totals.bytes)} read, ${formatBytes(totals.bytes / Math.max(seconds, 0.001))}/s`,
    ...takenInLines(result),
    ...tidiedLines(result),
    ...compactedLines(result),
    ...waitingLines(report),
  ];
}

/** `50 data files (1.2 MB) became 1 (0.9 MB), 0.4 s` */
export function compactedText({ compacted }: RunResult): string | undefined {
  const { filesBefore, filesAfter, bytesBefore, bytesAfter, milliseconds } = compacted;
  if (filesBefore === 0) return undefined;
  return `${formatCount(filesBefore)} data files (${formatBytes(bytesBefore)}) became ${formatCount(filesAfter)} (${formatBytes(bytesAfter)}), ${formatDuration(milliseconds)}`;
}

function compactedLines(result: RunResult): string[] {
  const text = compactedText(result);
  return text === undefined ? [] : [`  small  ${text}`];
}

/** A ledger that was lost, restored from a backup, or left behind by another host. */
function takenInLines({ takenIn }: RunResult): string[] {
  if (takenIn === 0) return [];
  const batches = takenIn === 1 ? "1 batch" : `${formatCount(takenIn)} batches`;
  return [`  ledger  ${batches} of the table taken in that it did not know`];
}

function tidiedLines({ tidied }: RunResult): string[] {
  const parts = [
    ...(tidied.archived > 0 ? [`${formatCount(tidied.archived)} archived`] : []),
    ...(tidied.deleted > 0 ? [`${formatCount(tidied.deleted)} deleted`] : []),
    ...(tidied.moved > 0 ? [`${formatCount(tidied.moved)} moved to the quarantine folder`] : []),
  ];
  return parts.length === 0 ? [] : [`  tidy   ${parts.join(", ")}`];
}

function waitingLines(report: RunReport): string[] {
  const { waiting } = report.result;
  const unfinished = unfinishedOf(report);
  return [
    ...(waiting > 0 ? [`  ${formatCount(waiting)} still being written: left for the next run`] : []),
    ...(unfinished > 0
      ? [
          `  ${formatCount(unfinished)} passed by as not finished; which and why: landfall check, or ingest --dry-run`,
        ]
      : []),
  ];
}

/** What the word of a rule means for the rows. */
const SKIP_MEANINGS: Partial<Record<SkipRule, string>> = {
  touched: "the same bytes with another time",
  grown: "longer than when it was read; what was added is not in the table",
  overwritten: "other content than was read; the rows of the earlier content stay",
};

function skipText({ rule, reason }: { readonly rule: SkipRule; readonly reason?: string }): string {
  const text = reason ?? SKIP_MEANINGS[rule];
  return text === undefined ? "" : `: ${text}`;
}

/** What a person may have to look at, in sections. */
export function eventLines(events: readonly IngestEvent[]): string[] {
  const quarantined = events.flatMap((event) =>
    event.type === "arrival.quarantined" ? [`${displayKey(event.key)}  ${event.reason}`] : [],
  );
  const skipped = events.flatMap((event) =>
    event.type === "arrival.skipped" ? [`${displayKey(event.key)}  ${event.rule}${skipText(event)}`] : [],
  );
  const unreadable = events.flatMap((event) =>
    event.type === "source.unreadable" ? [`${event.path}  ${event.reason}`] : [],
  );
  const kept = events.flatMap((event) =>
    event.type === "arrival.kept" ? [`${displayKey(event.key)}  is now ${event.path}`] : [],
  );
  const untidied = events.flatMap((event) => {
    if (event.type !== "tidy.failed") return [];
    const where = event.key === undefined ? event.folder : displayKey(event.key);
    return [where === undefined ? event.reason : `${where}  ${event.reason}`];
  });
  const unpublished = events.flatMap((event) => (event.type === "history.failed" ? [event.reason] : []));
  const notes = events.flatMap((event) => (event.type === "note" ? [event.text] : []));
  const added = events.flatMap((event) => (event.type === "schema.changed" ? event.added : []));
  const widened = events.flatMap((event) => (event.type === "schema.changed" ? event.widened : []));
  const redone = events.flatMap((event) => {
    if (event.type === "batch.void") return [`batch ${event.number} was planned again: ${event.reason}`];
    if (event.type === "batch.recovered")
      return [`batch ${event.number} of an earlier run was ${event.outcome}`];
    if (event.type === "commit.clobbered") {
      return [
        `version ${event.version} was replaced by another writer that does not keep put-if-absent: look at docs/support-matrix.md`,
      ];
    }
    return [];
  });
  return [
    ...section(quarantineTitle(events), "red", quarantined),
    ...section("skipped", "yellow", skipped),
    ...section("could not be read; a later run takes them", "red", unreadable),
    ...section("kept aside: their names were taken while they were looked at", "yellow", kept),
    ...section("not tidied; a later run tries again", "yellow", untidied),
    ...section("history not published; a later run goes on from where it stands", "yellow", unpublished),
    ...section("columns added to the table", "green", added),
    ...section("columns of the table with a wider type", "green", widened.map(widenedText)),
    ...section("keys whose values were left out", "yellow", ignoredKeys(events)),
    ...section("notes", "yellow", [...redone, ...notes]),
  ];
}

function quarantineTitle(events: readonly IngestEvent[]): string {
  const moved = events.some((event) => event.type === "tidy.done" && event.moved > 0);
  return moved ? "quarantined: not read" : "quarantined: not read, left in place";
}

function section(title: string, colour: "red" | "yellow" | "green", items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, NAMED).map((item) => `    ${printable(item)}`);
  const more = items.length > NAMED ? [`    … and ${formatCount(items.length - NAMED)} more`] : [];
  return ["", `  ${styleText(colour, title)}`, ...shown, ...more];
}

function nextSteps(report: RunReport, totals: BatchCounts): string[] {
  const name = report.table.split("/").at(-1)!.replaceAll(/\W+/g, "_");
  const location = report.table.replaceAll("'", "''");
  const rejects =
    totals.rowsRejected > 0 ? ["", `  why     landfall files rejected ${shellWord(report.table)}`] : [];
  if (totals.rowsWritten === 0) return rejects;
  return [
    ...(rejects.length > 0 ? rejects : [""]),
    `  look    landfall table query ${shellWord(report.table)} "SELECT * FROM t LIMIT 10"`,
    `  DuckDB  SELECT * FROM delta_scan('${location}');`,
    `  Spark   CREATE TABLE \`${name}\` USING DELTA LOCATION '${location}';`,
  ];
}

/** As a shell takes it for one word. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
