import process from "node:process";
import { systemClock } from "../../base/clock.ts";
import { LandfallError } from "../../base/landfall-error.ts";
import { nearest } from "../../base/nearest.ts";
import { displayKey } from "../../base/path-bytes.ts";
import { formatBytes, formatCount } from "../../base/units.ts";
import { ARRIVAL_STATES, type ArrivalState } from "../../ledger/states.ts";
import { listFiles, type FileList, type ListedFile } from "../../operate/list-files.ts";
import { globFilter } from "../../operate/glob-filter.ts";
import { withTableView } from "../../open/open-table-view.ts";
import { printDocument, printLines, terminalWidth } from "../print-result.ts";
import { tableOrPipeline } from "../table-or-pipeline.ts";
import { textTable } from "../text-table.ts";
import { wholeNumber } from "../whole-number.ts";

export interface FilesListFlags {
  readonly json?: true;
  readonly name?: string;
  readonly state?: string;
  readonly in?: string;
  readonly limit: string;
}

/** `landfall files list <table|pipeline.yaml> [glob]` */
export async function filesListCommand(options: {
  readonly place: string;
  readonly glob: string | undefined;
  readonly flags: FilesListFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { glob, flags, signal } = options;
  const { location, name } = await tableOrPipeline(options.place, flags);
  const states = flags.in === undefined ? undefined : statesOf(flags.in);
  const limit = wholeNumber("--limit", flags.limit);
  const list = await withTableView({ location, state: flags.state }, (view) =>
    listFiles(view, {
      pipeline: name,
      states,
      ...(glob === undefined ? {} : globFilter(glob)),
      limit,
      clock: systemClock,
      signal,
    }),
  );
  for (const pipeline of list.rebuilt) {
    process.stderr.write(
      `the ledger of "${pipeline}" is lost: shown is what the manifests say; the next run rebuilds it\n`,
    );
  }
  if (flags.json === true) printDocument(list);
  else printLines(listLines(list));
  if (list.truncated) process.stderr.write(`cut off after ${formatCount(limit)} files; --limit gives more\n`);
  return 0;
}

function listLines(list: FileList): string[] {
  if (list.files.length === 0) return ["no such files"];
  const several = new Set(list.files.map((file) => file.pipeline)).size > 1;
  const reasons = list.files.some((file) => file.rule !== undefined || file.reason !== undefined);
  const rejects = list.files.some(({ counts }) => (counts?.rejected ?? 0) > 0);
  const left = [
    ...(several ? [] : ["pipeline"]),
    ...(reasons ? [] : ["reason"]),
    ...(rejects ? [] : ["rejected"]),
  ];
  const shown = COLUMNS.filter(({ name }) => !left.includes(name));
  const table = textTable({
    columns: shown.map(({ name }) => name),
    rows: list.files.map((file) => shown.map(({ value }) => value(file))),
    width: terminalWidth(),
    widestCell: terminalWidth() === undefined ? Number.MAX_SAFE_INTEGER : 100,
    keepEnd: ["file"],
  });
  return [table];
}

const COLUMNS: readonly { readonly name: string; readonly value: (file: ListedFile) => unknown }[] = [
  { name: "pipeline", value: (file) => file.pipeline },
  { name: "file", value: (file) => displayKey(file.key) },
  { name: "state", value: (file) => file.state },
  {
    name: "reason",
    value: ({ rule, reason }) => [rule, reason].filter((part) => part !== undefined).join(": ") || null,
  },
  { name: "size", value: (file) => formatBytes(file.size) },
  // Not what was written: with a transform no row of the table belongs to a file.
  { name: "rows read", value: ({ counts }) => (counts === undefined ? null : formatCount(counts.read)) },
  { name: "rejected", value: ({ counts }) => (counts === undefined ? null : formatCount(counts.rejected)) },
  { name: "batch", value: (file) => file.batch ?? null },
  { name: "version", value: (file) => file.version ?? null },
];

function statesOf(text: string): ArrivalState[] {
  return text.split(",").map((part) => {
    const word = part.trim().toLowerCase();
    const state = ARRIVAL_STATES.find((known) => known === word);
    if (state !== undefined) return state;
    const near = nearest(word, ARRIVAL_STATES);
    throw new LandfallError("USAGE", {
      message: `"${part.trim()}" is no state of a file.`,
      hint: `${near === undefined ? "" : `Did you mean "${near}"? `}States: ${ARRIVAL_STATES.join(", ")}.`,
    });
  });
}
