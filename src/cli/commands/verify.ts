import { styleText } from "node:util";
import { systemClock } from "../../base/clock.ts";
import process from "node:process";
import { formatBytes, formatCount } from "../../base/units.ts";
import type { Finding, FindingLevel } from "../../operate/verify/finding.ts";
import { verifyTable, type VerifyResult } from "../../operate/verify/verify.ts";
import { withTableView } from "../../open/open-table-view.ts";
import { printable } from "../../base/printable.ts";
import { printDocument, printLines, wrapped } from "../print-result.ts";
import { readingProgress } from "../reading-progress.ts";
import { tableOf } from "../table-or-pipeline.ts";
import { plural } from "../plural.ts";

export interface VerifyFlags {
  readonly json?: true;
  readonly data?: true;
  readonly source?: true;
  readonly state?: string;
}

/** `landfall verify <table|pipeline.yaml>`: the whole table, whoever feeds it; 1 when there is a fault. */
export async function verifyCommand(options: {
  readonly place: string;
  readonly flags: VerifyFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { flags, signal } = options;
  const location = await tableOf(options.place);
  const progress = readingProgress(process.stderr, { doing: "read again", what: "input" });
  const result = await withTableView({ location, state: flags.state }, (view) =>
    verifyTable(view, {
      clock: systemClock,
      ...(flags.data === true ? { engine: view.engine } : {}),
      ...(flags.source === true ? { source: { engine: view.engine, onProgress: progress.show } } : {}),
      signal,
    }),
  ).finally(() => progress.clear());
  if (flags.json === true) printDocument(result);
  else printLines(verifyLines(result));
  return result.verdict === "faulty" ? 1 : 0;
}

/** Findings of one code that are named one by one. */
const NAMED = 10;

const TITLES: Readonly<
  Record<FindingLevel, { readonly title: string; readonly colour: "red" | "yellow" | "gray" }>
> = {
  fault: { title: "wrong", colour: "red" },
  unprovable: { title: "not provable", colour: "yellow" },
  note: { title: "notes", colour: "gray" },
};

export function verifyLines(result: VerifyResult): string[] {
  const version = result.version === undefined ? "" : `  version ${result.version}`;
  const lines = [`${styleText("bold", printable(result.table))}${version}`, "", `  ${verdictText(result)}`];
  lines.push(...wrapped(checkedText(result), "  "));
  for (const level of Object.keys(TITLES) as FindingLevel[]) {
    const findings = result.findings.filter((finding) => finding.level === level);
    if (findings.length === 0) continue;
    const { title, colour } = TITLES[level];
    lines.push("", `  ${styleText(colour, title)}`, ...listed(findings, result));
  }
  return lines;
}

function verdictText(result: VerifyResult): string {
  const { batches, sourceFiles, rows } = result.checked;
  const count = (level: FindingLevel): number => {
    const left = Object.entries(result.more)
      .filter(([code]) => result.findings.some((finding) => finding.code === code && finding.level === level))
      .reduce((sum, [, more]) => sum + more, 0);
    return left + result.findings.filter((finding) => finding.level === level).length;
  };
  const accounted = `${plural(rows, "row")} of ${plural(sourceFiles, "file")} in ${plural(batches, "batch", "batches")}`;
  switch (result.verdict) {
    case "proved":
      if (batches === 0) return "Nothing has been committed yet, so there is nothing to prove.";
      return `${styleText("green", "✔ proved")}: ${accounted}, each accounted for once.`;
    case "unprovable":
      return `${styleText("yellow", "no fault found")} in ${accounted}; ${plural(count("unprovable"), "thing")} cannot be proved.`;
    case "faulty":
      return `${styleText("red", `✘ ${plural(count("fault"), "fault")}`)}.`;
    default:
      return result.verdict satisfies never;
  }
}

function checkedText({ checked }: VerifyResult): string {
  const parts = [
    plural(checked.commits, "commit"),
    plural(checked.batches, "manifest"),
    ...(checked.compactions === 0 ? [] : [plural(checked.compactions, "compaction")]),
    `${plural(checked.dataFiles, "data file")} ${checked.read === undefined ? "by name and size" : "with every row read"}`,
    plural(checked.ledgers, "ledger"),
  ];
  const { source } = checked;
  if (source !== undefined) {
    parts.push(
      `${plural(source.files, "input")} of ${formatBytes(source.bytes)} read again, with ${plural(source.records, "record")} counted and ${plural(source.rows, "row")} compared by value`,
    );
  }
  const open = checked.open === 0 ? "" : ` ${plural(checked.open, "file")} still to be read.`;
  const deeper = [
    ...(checked.read === undefined ? ["--data reads the data files, too"] : []),
    ...(source === undefined ? ["--source the inputs"] : []),
  ];
  const more = checked.read !== undefined || deeper.length === 0 ? "" : ` ${deeper.join("; ")}.`;
  return `Compared ${parts.slice(0, -1).join(", ")} and ${parts.at(-1)!}.${open}${more}`;
}

function listed(findings: readonly Finding[], result: VerifyResult): string[] {
  const lines: string[] = [];
  for (const code of new Set(findings.map((finding) => finding.code))) {
    const same = findings.filter((finding) => finding.code === code);
    for (const finding of same.slice(0, NAMED)) {
      lines.push(`    ${finding.code}  ${printable(finding.where)}`, ...wrapped(finding.what, "      "));
      if (finding.hint !== undefined && finding === same[0])
        lines.push(...wrapped(finding.hint, "      ").map((line) => styleText("dim", line)));
    }
    const left = same.length - Math.min(NAMED, same.length) + (result.more[code] ?? 0);
    if (left > 0) lines.push(`    ${code}  … and ${formatCount(left)} more; --json lists them`);
  }
  return lines;
}
