import { styleText } from "node:util";
import { printable } from "../../base/printable.ts";
import { formatCount } from "../../base/units.ts";
import type { TableDifference } from "../../table/compare/compare-snapshots.ts";
import { openTable } from "../../write/open-table.ts";
import { noticePrinter } from "../print-notice.ts";
import { printDocument, printLines, terminalWidth } from "../print-result.ts";
import { textTable } from "../text-table.ts";
import { meantVersion } from "../version-flags.ts";
import { wholeNumber } from "../whole-number.ts";

export interface TableCompareFlags {
  readonly fromVersion?: string;
  readonly version?: string;
  readonly key?: string;
  readonly sample: string;
  readonly allowOutside?: true;
  readonly json?: true;
}

/** `landfall table compare <from> [table]` */
export async function tableCompareCommand(options: {
  readonly from: string;
  readonly location: string | undefined;
  readonly flags: TableCompareFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { from, location, flags, signal } = options;
  await using table = openTable(location ?? from, {
    signal,
    allowOutside: flags.allowOutside === true,
    onNotice: noticePrinter(),
  });
  const result = await table.compare({
    from: {
      ...(location === undefined ? {} : { table: from }),
      ...meantVersion(flags.fromVersion === undefined ? {} : { version: flags.fromVersion }),
    },
    to: meantVersion(flags.version === undefined ? {} : { version: flags.version }),
    keys: flags.key?.split(",").map((name) => name.trim()),
    sample: wholeNumber("--sample", flags.sample),
  });
  if (flags.json === true) printDocument(result);
  else printLines(compareLines(result));
  return 0;
}

function compareLines({ from, to, rows, columns, sample, files }: TableDifference): string[] {
  const place = ({ table, version }: TableDifference["from"]): string =>
    `${printable(table)} version ${version}`;
  const told = (
    [
      ["only in the second", columns.added],
      ["only in the first", columns.removed],
      ["of another type", columns.retyped],
    ] as const
  ).flatMap(([what, names]) =>
    names.length === 0 ? [] : [`  columns ${what}, not compared: ${names.map(printable).join(", ")}`],
  );
  const { added, removed, changed } = rows;
  const lines = [
    styleText("bold", `${place(from)} → ${place(to)}`),
    `  rows: ${formatCount(added)} added, ${formatCount(removed)} removed, ${formatCount(changed)} changed`,
    `  files: ${formatCount(files.read)} read; ${formatCount(files.shared)} are in both`,
    ...told,
  ];
  if (sample.length === 0) return lines;
  const names = Object.keys(sample[0]!.row);
  const table = textTable({
    columns: ["change", "times", ...names],
    rows: sample.map(({ change, count, row }) => [change, count, ...names.map((name) => row[name])]),
    width: terminalWidth(),
  });
  return [...lines, "", table];
}
