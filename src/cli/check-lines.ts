/** What a look ahead found, as lines for people and as the documented JSON. */
import { styleText } from "node:util";
import { displayKey } from "../base/path-bytes.ts";
import { printable } from "../base/printable.ts";
import { formatBytes, formatCount, formatDuration } from "../base/units.ts";
import type { WhyPassedBy } from "../sources/passed-by.ts";
import type { FilesAhead } from "../operate/check/files-ahead.ts";
import type { ProbedPlace } from "../operate/check/probe-places.ts";
import type { RowsAhead } from "../operate/check/rows-ahead.ts";
import { formatDdlColumn } from "../schema/format-ddl.ts";
import { checkExitCode, type CheckReport } from "./check-and-report.ts";
import { factLines } from "./print-result.ts";
import { widenedText } from "./widened-text.ts";

const NAMED = 3;
const LISTED = 10;

/** `next`: the command that would run it. */
export function checkLines(report: CheckReport, next: string): string[] {
  const { files, rows, problems, places } = report;
  return [
    `${styleText("bold", printable(report.pipeline))}  ${printable(report.source)} → ${printable(report.table)}`,
    "",
    ...factLines([
      ...places.map((place) => [place.what, placeText(place)] as const),
      ["held by", heldText(report)],
      ["files", files && filesText(files)],
      ["old stock", files && stockText(files)],
      ["left out", files && leftOutText(files)],
      ["passed by", files && passedByLine(files)],
      ["table", files && tableText(files, rows)],
      ["sample", rows && sampleText(rows)],
      ["time", timeText(rows)],
    ]),
    ...section(
      "changed after they were read: rows are missing",
      "yellow",
      (files?.changed ?? []).map(({ key, rule }) => `${displayKey(key)}  ${rule}`),
    ),
    ...section(
      "would be quarantined",
      "red",
      (rows?.sample.quarantined ?? []).map(({ key, reason }) => `${key}  ${reason}`),
    ),
    ...section("cannot be read", "red", files?.unreadable ?? []),
    ...section("columns of the new table", "green", files?.state === undefined ? columnsOf(rows) : []),
    ...section(
      "columns that would be added",
      "green",
      files?.state === undefined ? [] : [...new Set([...columnsOf(rows), ...nestedKeys(rows)])],
    ),
    ...section("columns that would get a wider type", "green", (rows?.widened ?? []).map(widenedText)),
    ...section("notes", "yellow", rows?.notes ?? []),
    ...problemLines(report),
    "",
    problems.length > 0
      ? `  ${styleText("red", "A run would stop.")}  Nothing was changed.`
      : `  ${checkExitCode(report) === 0 ? "Nothing stands in the way." : "A run would succeed, with exit code 1: something above needs a person."}  next    ${next}`,
  ];
}

/** Its shape is part of the interface (docs/reference/json-output.md). */
export function checkDocument(report: CheckReport): object {
  const { pipeline, source, table, places, files, rows, problems } = report;
  return {
    pipeline,
    source,
    table,
    exitCode: checkExitCode(report),
    problems: problems.map(({ code, message, hint }) => ({ code, message, hint })),
    places: places.map(({ what, path, use, isThere, problem }) => ({
      what,
      path,
      use,
      isThere,
      works: problem === undefined,
    })),
    ...(files === undefined
      ? {}
      : {
          files: {
            seen: files.seen,
            toTake: files.arrivals.length,
            bytes: files.bytes,
            batches: files.batches,
            ...(files.stock === undefined ? {} : { stock: files.stock }),
            first: files.arrivals.slice(0, LISTED).map(({ key }) => key),
            waiting: files.waiting,
            skipped: files.skipped,
            changed: files.changed,
            unreadable: files.unreadable.length,
            passedBy: files.passedBy.map(({ passedBy, count, first }) => ({ ...passedBy, count, first })),
          },
          tableVersion: files.state?.version,
        }),
    ...(rows === undefined
      ? {}
      : {
          columns: rows.columns.map(formatDdlColumn),
          addedKeys: rows.addedKeys,
          widenedColumns: rows.widened,
          sample: rows.sample,
          estimatedSeconds: rows.seconds === undefined ? undefined : Math.round(rows.seconds * 10) / 10,
          notes: rows.notes,
        }),
  };
}

function placeText({ path, use, isThere, problem }: ProbedPlace): string {
  const what = {
    read: "readable",
    "take files from": "files may be taken from it",
    "commit to": "writable, put-if-absent holds",
    "keep the ledger in": "writable",
    "move files to": "writable",
  }[use];
  return `${path}  ${problem === undefined ? `${what}${isThere ? "" : "; made by the first run"}` : `${problem.code}: see below`}`;
}

function heldText({ lease }: CheckReport): string | undefined {
  if (lease === undefined || lease.holder === "dead") return undefined;
  return `process ${lease.pid} on ${lease.host}: a run is under way, which may take these files first`;
}

function filesText(files: FilesAhead): string {
  const count = files.arrivals.length;
  if (count === 0 && files.stock !== undefined && files.stock.later.files > 0)
    return `none now of ${countOf(files.seen, "file")}: what is left is old stock`;
  if (count === 0)
    return files.seen === 0
      ? "none: nothing lies in the source that may be read"
      : `nothing new among ${countOf(files.seen, "file")}`;
  const named = files.arrivals.slice(0, NAMED).map(({ key }) => displayKey(key));
  return `${formatCount(count)} to take, ${formatBytes(files.bytes)}, in ${countOf(files.batches, "batch")}: ${named.join(", ")}${count > NAMED ? ", …" : ""}`;
}

/** Undefined where none is declared, and where all of it has been read. */
function stockText({ stock }: FilesAhead): string | undefined {
  if (stock === undefined || stock.files + stock.later.files === 0) return undefined;
  const { files, bytes, later } = stock;
  const today =
    files === 0
      ? "nothing more today"
      : `${countOf(files, "file")} of these, ${formatBytes(bytes)}, after all newer ones`;
  const rest =
    later.files === 0
      ? ""
      : `; ${countOf(later.files, "file")}, ${formatBytes(later.bytes)}, ${later.files === 1 ? "waits" : "wait"} for another day`;
  return `${today}${rest} (source.backfill)`;
}

function leftOutText({ waiting, skipped }: FilesAhead): string | undefined {
  const parts = [
    ...(waiting > 0 ? [`${formatCount(waiting)} still being written`] : []),
    ...Object.entries(skipped).map(([rule, count]) => `${formatCount(count)} ${rule}`),
  ];
  return parts.length === 0 ? undefined : parts.join(", ");
}

const WHY_PASSED_BY: Readonly<Record<WhyPassedBy, string>> = {
  own: "Landfall's own",
  hidden: "with hidden names",
  ignored: "not finished by their names",
  filter: "not named by the glob",
  nested: "in folders",
  time: "of another time",
  marker: "markers",
  unmarked: "without a marker",
  newerThanMarker: "newer than their markers",
};

/** What the declaration leaves out; Landfall's own folders and markers are no news. */
function passedByLine({ passedBy }: FilesAhead): string | undefined {
  const parts = passedBy
    .filter(({ passedBy: { why } }) => why !== "own" && why !== "marker")
    .map(({ passedBy: said, count, first }) => {
      const which = "pattern" in said ? `${said.pattern}: ` : "";
      return `${formatCount(count)} ${WHY_PASSED_BY[said.why]} (${which}${printable(displayKey(first))})`;
    });
  if (parts.length === 0) return undefined;
  const more = parts.length > NAMED ? `, … and ${formatCount(parts.length - NAMED)} more reasons` : "";
  return `${parts.slice(0, NAMED).join(", ")}${more}; why: landfall files show`;
}

function tableText({ state }: FilesAhead, rows: RowsAhead | undefined): string {
  const columns = rows?.columns.length ?? 0;
  if (state === undefined)
    return rows === undefined ? "not made yet" : `would be made, with ${countOf(columns, "column")}`;
  const partitions =
    state.partitionColumns.length === 0 ? "" : `, partitioned by ${state.partitionColumns.join(", ")}`;
  const changes = [
    ...(columns > 0 || (rows?.addedKeys.length ?? 0) > 0 ? ["columns would be added"] : []),
    ...((rows?.widened.length ?? 0) > 0 ? ["columns would get wider types"] : []),
  ];
  const change =
    rows === undefined
      ? ""
      : `; ${changes.length === 0 ? "its columns stay as they are" : changes.join(", and ")}`;
  return `version ${state.version}${partitions}${change}`;
}

function sampleText({ sample }: RowsAhead): string {
  const large =
    sample.tooLarge.length === 0 ? "" : `; ${countOf(sample.tooLarge.length, "file")} too large to look into`;
  if (sample.files === 0) return `none${large}`;
  const cut = sample.cut.length === 0 ? "" : ", the beginning only";
  const counts = [
    countOf(sample.read, "record"),
    ...(sample.rescued > 0 ? [`${formatCount(sample.rescued)} with values that would be rescued`] : []),
    ...(sample.rejected > 0 ? [`${formatCount(sample.rejected)} would be rejected`] : []),
  ];
  return `${countOf(sample.files, "file")}${cut}, ${formatBytes(sample.bytes)}: ${counts.join(", ")}${large}`;
}

function timeText(rows: RowsAhead | undefined): string | undefined {
  if (rows?.seconds === undefined) return undefined;
  return `about ${formatDuration(Math.max(1, Math.round(rows.seconds)) * 1000)}, judging by the sample`;
}

function columnsOf(rows: RowsAhead | undefined): string[] {
  return (rows?.columns ?? []).map(formatDdlColumn);
}

/** Fields of columns that are there already. */
function nestedKeys(rows: RowsAhead | undefined): string[] {
  const top = new Set(rows?.columns.map(({ name }) => name));
  return (rows?.addedKeys ?? []).filter((key) => !top.has(key));
}

function problemLines({ problems }: CheckReport): string[] {
  if (problems.length === 0) return [];
  const lines = problems.flatMap(({ code, message, hint }) => [
    `    ${code}  ${message.split("\n").map(printable).join("\n    ")}`,
    ...(hint === undefined ? [] : [`      ${printable(hint)}`]),
  ]);
  return ["", `  ${styleText("red", "problems")}`, ...lines];
}

function section(title: string, colour: "red" | "yellow" | "green", items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, LISTED).map((item) => `    ${printable(item)}`);
  const more = items.length > LISTED ? [`    … and ${formatCount(items.length - LISTED)} more`] : [];
  return ["", `  ${styleText(colour, title)}`, ...shown, ...more];
}

function countOf(count: number, what: string): string {
  const many = what.endsWith("ch") ? `${what}es` : `${what}s`;
  return `${formatCount(count)} ${count === 1 ? what : many}`;
}
