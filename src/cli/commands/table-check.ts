import { styleText } from "node:util";
import { printable } from "../../base/printable.ts";
import { formatBytes, formatCount } from "../../base/units.ts";
import { withTableView } from "../../open/open-table-view.ts";
import { checkTable, type TableCheck } from "../../table/check/check-table.ts";
import { printDocument, printLines, wrapped } from "../print-result.ts";
import { askedVersion, type VersionFlags } from "../version-flags.ts";
import { plural } from "../plural.ts";

export interface TableCheckFlags extends VersionFlags {
  readonly data?: true;
  readonly allowOutside?: true;
  readonly json?: true;
}

/** `landfall table check <table>`; 1 where something is wrong. */
export async function tableCheckCommand(options: {
  readonly location: string;
  readonly flags: TableCheckFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { location, flags, signal } = options;
  const result = await withTableView({ location }, async (view) =>
    checkTable({
      parts: { ...view, allowOutside: flags.allowOutside === true },
      ...(await askedVersion(flags, { ...view, signal })),
      data: flags.data === true,
      signal,
    }),
  );
  if (flags.json === true) printDocument(result);
  else printLines(checkLines(result));
  return result.findings.length === 0 ? 0 : 1;
}

/** Findings of one code that are named one by one. */
const NAMED = 10;

function checkLines(result: TableCheck): string[] {
  const { table, version, findings, more } = result;
  const left = Object.values(more).reduce((sum, count) => sum + count, 0);
  const count = findings.length + left;
  const verdict =
    count === 0
      ? styleText("green", "✔ nothing wrong")
      : styleText("red", `✘ ${formatCount(count)} ${count === 1 ? "finding" : "findings"}`);
  const lines = [`${styleText("bold", printable(table))}  version ${version}`, "", `  ${verdict}`];
  lines.push(...wrapped(checkedText(result), "  "));
  for (const [code, same] of Map.groupBy(findings, (finding) => finding.code)) {
    lines.push("");
    for (const { file, message } of same.slice(0, NAMED)) {
      lines.push(`    ${code}  ${file === undefined ? "" : printable(file)}`.trimEnd());
      lines.push(...wrapped(message, "      "));
    }
    const rest = same.length - Math.min(NAMED, same.length) + (more[code] ?? 0);
    if (rest > 0) lines.push(`    ${code}  … and ${formatCount(rest)} more; --json lists them`);
  }
  return lines;
}

function checkedText({ checked }: TableCheck): string {
  const { files, bytes, outside, commits, checkpoint, checksum, read } = checked;
  const parts = [
    plural(commits, "commit"),
    checkpoint === undefined
      ? "no checkpoint that the commits could be compared with"
      : `the checkpoint of version ${checkpoint}`,
    ...(checksum ? ["the .crc file"] : []),
    read === undefined
      ? `${plural(files, "data file")} (${formatBytes(bytes)}) by name and size`
      : `${plural(read.files, "data file")} with ${plural(read.rows, "row")}`,
  ];
  const unseen =
    outside === 0 ? "" : ` ${plural(outside, "file")} outside of the table's folder: see --allow-outside.`;
  const deeper = read === undefined ? " --data reads the data files, too." : "";
  return `Looked at ${parts.slice(0, -1).join(", ")} and ${parts.at(-1)!}.${unseen}${deeper}`;
}
