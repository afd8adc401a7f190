/** What a bench found, as text for the terminal and as a section of docs/benchmarks.md. */
import type { Machine } from "./machine.ts";

export type Unit = "s" | "ms" | "MB" | "B" | "×";

export interface Figure {
  readonly what: string;
  readonly unit: Unit;
  readonly ours: number;
  /** Measured in the same run, in the same unit. */
  readonly peer?: { readonly name: string; readonly value: number };
  /** At most: of the ratio to the peer where there is one, else of our figure. Absent for what is only told. */
  readonly bar?: number;
}

export interface BenchReport {
  readonly name: string;
  /** One sentence: the work. */
  readonly work: string;
  readonly figures: readonly Figure[];
  /** Runs of each contender, where the bench chose their number. */
  readonly runs?: number;
  /** Milliseconds of our typical run by stage. */
  readonly stages?: Readonly<Record<string, number>>;
  /** What a reader must know to take the figures for what they are. */
  readonly notes: readonly string[];
}

export interface Setting {
  readonly machine: Machine;
  readonly repeat: number;
  /** 1 for the sizes that the bars are for. */
  readonly scale: number;
}

/** Our figure against the peer's, undefined without one. */
export function ratioOf(figure: Figure): number | undefined {
  return figure.peer === undefined ? undefined : figure.ours / figure.peer.value;
}

/** Undefined where there is no bar. */
export function isMet(figure: Figure): boolean | undefined {
  return figure.bar === undefined ? undefined : (ratioOf(figure) ?? figure.ours) <= figure.bar;
}

/** The section of a bench: heading, work, setting, table, stages, notes. */
export function section(report: BenchReport, setting: Setting): string {
  const rows = report.figures.map((figure) => figureRow(figure, setting.scale));
  const parts = [
    `## ${report.name}`,
    report.work,
    settingLine(setting, report.runs ?? setting.repeat),
    table(HEAD, rows),
  ];
  if (report.stages !== undefined) {
    const told = Object.entries(report.stages).filter(([, milliseconds]) => milliseconds > 0);
    parts.push(
      `Of the median run, in milliseconds: ${told.map(([stage, ms]) => `${stage} ${Math.round(ms * 10) / 10}`).join(", ")}.`,
    );
  }
  if (report.notes.length > 0) parts.push(report.notes.map((note) => `- ${note}`).join("\n"));
  return `${parts.join("\n\n")}\n`;
}

const HEAD = ["measured", "Landfall", "peer", "ratio", "bar", "met"] as const;

function figureRow(figure: Figure, scale: number): string[] {
  const { what, unit, ours, peer, bar } = figure;
  const ratio = ratioOf(figure);
  const met = isMet(figure);
  return [
    what,
    amount(ours, unit),
    peer === undefined ? "" : `${peer.name}: ${amount(peer.value, unit)}`,
    ratio === undefined ? "" : `${ratio.toFixed(2)} ×`,
    bar === undefined ? "" : `≤ ${peer === undefined ? amount(bar, unit) : `${trimmed(bar)} ×`}`,
    met === undefined ? "" : scale === 1 ? (met ? "yes" : "no") : "not judged",
  ];
}

function amount(value: number, unit: Unit): string {
  if (unit === "s") return `${trimmed(value)} s`;
  if (unit === "×") return `${value.toFixed(2)} ×`;
  if (unit === "ms") return `${value < 100 ? value.toFixed(1) : Math.round(value)} ms`;
  return `${Math.round(value)} ${unit}`;
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function settingLine({ machine, scale }: Setting, runs: number): string {
  const versions = Object.entries(machine.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
  return [
    `${machine.date}: ${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, load ${machine.load} before it`,
    `fsync of a small file ${machine.fsyncMs} ms`,
    versions,
    `medians of ${runs}${scale === 1 ? "" : `, scale ${scale}`}.`,
  ].join("; ");
}

/** A Markdown table with its columns aligned, as the formatter leaves it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll("|", String.raw`\|`)));
  const widths = head.map((title, i) =>
    Math.max(3, title.length, ...escaped.map((row) => (row[i] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, i) => (cells[i] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...escaped.map(line)].join("\n");
}

const PAGE_HEAD = `# Benchmarks

\`npm run bench -- --write\` measures and writes this page: whole processes on both sides, in turn, on one machine in one run. Only
ratios carry over to another machine. How each is done stands in \`bench/\`.
`;

/** The page with a bench's section put in the place of its older one, or at the end. */
export function withSection(page: string, name: string, text: string): string {
  const parts = (page.trim() === "" ? PAGE_HEAD : page).split(/^(?=## )/m);
  const heading = `## ${name}\n`;
  const at = parts.findIndex((part) => part.startsWith(heading));
  if (at < 0) parts.push(text);
  else parts[at] = text;
  return `${parts.map((part) => part.trimEnd()).join("\n\n")}\n`;
}
