import process from "node:process";
import { systemClock } from "../../base/clock.ts";
import { displayKey } from "../../base/path-bytes.ts";
import { formatCount } from "../../base/units.ts";
import { listRejects, type RejectList } from "../../operate/list-rejects.ts";
import { globFilter } from "../../operate/glob-filter.ts";
import { withTableView } from "../../open/open-table-view.ts";
import { printDocument, printLines, terminalWidth } from "../print-result.ts";
import { tableOrPipeline } from "../table-or-pipeline.ts";
import { textTable } from "../text-table.ts";
import { wholeNumber } from "../whole-number.ts";

export interface FilesRejectedFlags {
  readonly json?: true;
  readonly name?: string;
  readonly state?: string;
  readonly limit: string;
}

/** `landfall files rejected <table|pipeline.yaml> [glob]` */
export async function filesRejectedCommand(options: {
  readonly place: string;
  readonly glob: string | undefined;
  readonly flags: FilesRejectedFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { glob, flags, signal } = options;
  const { location, name } = await tableOrPipeline(options.place, flags);
  const limit = wholeNumber("--limit", flags.limit);
  const list = await withTableView({ location, state: flags.state }, (view) =>
    listRejects(view, {
      pipeline: name,
      ...(glob === undefined ? {} : globFilter(glob)),
      limit,
      clock: systemClock,
      signal,
    }),
  );
  if (flags.json === true) printDocument(list);
  else printLines(rejectLines(list));
  for (const { pipeline, batch } of list.lost) {
    process.stderr.write(
      `the rejects of batch ${batch} of "${pipeline}" cannot be found: its manifest or commit is gone\n`,
    );
  }
  if (list.truncated) {
    process.stderr.write(
      `cut off after ${formatCount(limit)} of ${formatCount(list.rejected)} records; --limit gives more\n`,
    );
  }
  return 0;
}

function rejectLines(list: RejectList): string[] {
  if (list.records.length === 0) return ["no record was rejected"];
  const several = new Set(list.records.map((record) => record.pipeline)).size > 1;
  const byRule = list.records.some((record) => record.rule !== undefined);
  const width = terminalWidth();
  const table = textTable({
    columns: [
      ...(several ? ["pipeline"] : []),
      "file",
      "record",
      "byte",
      ...(byRule ? ["rule"] : []),
      "reason",
      "content",
    ],
    rows: list.records.map((record) => [
      ...(several ? [record.pipeline] : []),
      record.key === undefined ? "(of the transform)" : displayKey(record.key),
      record.record ?? null,
      record.byteOffset ?? null,
      ...(byRule ? [record.rule ?? null] : []),
      record.reason,
      record.content,
    ]),
    width,
    ...(width === undefined ? {} : { widestCell: width }),
    keepEnd: ["file"],
  });
  return [table];
}
