/** `--full-refresh`: takes a pipeline's rows out of its table and starts it over, before the run that fills the table anew. */
import process from "node:process";
import { styleText } from "node:util";
import { LandfallError } from "../base/landfall-error.ts";
import { displayKey } from "../base/path-bytes.ts";
import { printable } from "../base/printable.ts";
import { formatBytes, formatCount } from "../base/units.ts";
import { landfallVersion } from "../base/version.ts";
import type { Pipeline } from "../declaration/declaration.ts";
import { newestStateName } from "../ingest/pipeline-identity.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";
import type { PipelineContext } from "../ingest/pipeline-context.ts";
import { voidOpenBatches } from "../ingest/recover.ts";
import { Run } from "../ingest/run.ts";
import { takeIn } from "../ingest/take-in.ts";
import { takeInDecisions } from "../ingest/take-in-decisions.ts";
import { fullRefresh, isCutOff, resumeRefresh } from "../operate/refresh/full-refresh.ts";
import {
  planRefresh,
  REFRESH_ROWS,
  type RefreshPlan,
  type RefreshRows,
} from "../operate/refresh/plan-refresh.ts";
import { findPlaces, sourceOf } from "../open/find-places.ts";
import { openPipeline } from "../open/open-pipeline.ts";
import { localStorage } from "../storage/local-storage.ts";
import { canAsk, confirmed } from "./confirm.ts";
import { contextOnCopies } from "./context-on-copies.ts";
import type { DeclarationFlags } from "./declaration-overrides.ts";
import { DRY_RUN_DONE, factLines, printDocument, printLines } from "./print-result.ts";
import { withScratchEngine } from "./scratch-engine.ts";

/** What a full refresh did, or would do: `fullRefresh` in the documents of `--json`. */
export interface RefreshDocument {
  /** The table's version that took the rows out; absent where nothing was committed. */
  readonly version?: number;
  readonly removed: RefreshPlan["removed"];
  readonly kept: RefreshPlan["kept"];
  /** Rows that a new reading does not bring back. */
  readonly lost: { readonly files: number; readonly rows: number; readonly why: RefreshPlan["lost"]["why"] };
  /** In the source now. */
  readonly source: RefreshPlan["source"];
  /** True where this ended a refresh that had been cut off after its commit. */
  readonly resumed?: true;
}

export interface RefreshFirstOptions {
  readonly pipeline: Pipeline;
  readonly sources?: readonly string[];
  readonly flags: DeclarationFlags;
  readonly signal: AbortSignal;
}

/**
 * Undefined where there is nothing to start over: the pipeline has committed nothing yet.
 *
 * @throws LandfallError USAGE where it was not confirmed, or rows would be lost unasked; REFRESH_REFUSED; nothing was changed then
 */
export async function fullRefreshFirst(options: RefreshFirstOptions): Promise<RefreshDocument | undefined> {
  const { flags, signal } = options;
  const rows = refreshRows(flags);
  const opened = await openPipeline({ ...options, stateFolder: flags.state, emit: () => {}, signal });
  try {
    const { context, run } = opened;
    if (await isCutOff(context)) {
      const { version } = await resumeRefresh(context);
      if (flags.json !== true) printLines(["The full refresh that was cut off has been ended."]);
      const none = { files: 0, rows: 0 };
      const source = { files: 0, bytes: 0, keptOut: 0 };
      return { version, removed: none, kept: none, lost: { ...none, why: {} }, source, resumed: true };
    }
    // What is held in the source is known by the id that ends here.
    await new Run(context, run).recover();
    const plan = (): Promise<RefreshPlan | undefined> => planRefresh(context, { source: run.source, rows });
    const first = await plan();
    if (first === undefined) return undefined;
    await confirm(first, { context, flags, signal });
    const engineInfo = `Landfall/${landfallVersion()}`;
    const { version } = await fullRefresh(context, { rows, plan, engineInfo });
    if (flags.json !== true) printLines(doneLines(first, version));
    return { version, ...documentOf(first) };
  } finally {
    await opened.close();
  }
}

/** The same on copies, which are gone afterwards. */
export async function fullRefreshAhead(options: RefreshFirstOptions): Promise<number> {
  const { pipeline, flags, signal } = options;
  const rows = refreshRows(flags);
  const places = findPlaces({ ...options, stateFolder: flags.state });
  const { source: location, table } = places;
  const name = await newestStateName(localStorage({ root: table }), places.name);
  const source = sourceOf(pipeline, places);
  const plan = await withScratchEngine(async (scratch) => {
    const context = await contextOnCopies({
      ...scratch,
      name,
      source: location,
      table,
      stateFolder: flags.state,
      signal,
    });
    try {
      await takeIn(context);
      await takeInDecisions(context);
      await voidOpenBatches(context);
      return await planRefresh(context, { source, rows });
    } finally {
      await context.ledger.close();
    }
  });
  const pipelineName = declaredNameOf(name);
  const fullRefresh = plan === undefined ? undefined : documentOf(plan);
  if (flags.json === true) printDocument({ pipeline: pipelineName, table, dryRun: true, fullRefresh });
  else {
    const none = `${pipelineName} has committed nothing to ${printable(table)} yet: there is nothing to start over.`;
    printLines([
      ...(plan === undefined
        ? [none]
        : planLines(plan, { pipeline: pipelineName, source: location, table, flags })),
      DRY_RUN_DONE,
    ]);
  }
  return 0;
}

function refreshRows(flags: DeclarationFlags): RefreshRows {
  const given = flags["refreshRows"];
  const known = REFRESH_ROWS.find((one) => one === (given ?? "own"));
  if (known !== undefined) return known;
  throw new LandfallError("USAGE", {
    message: `--refresh-rows ${String(given)} is not known.`,
    hint: `It is one of ${REFRESH_ROWS.join(", ")}.`,
  });
}

async function confirm(
  plan: RefreshPlan,
  options: {
    readonly context: PipelineContext;
    readonly flags: DeclarationFlags;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { context, flags, signal } = options;
  const { lost } = plan;
  const table = context.table.storage.location;
  if (lost.files > 0 && flags["allowLostRows"] !== true) {
    throw new LandfallError("USAGE", {
      message: `A full refresh would lose ${counted(lost.rows, "row")} of ${counted(lost.files, "file")} that cannot be read again (${whyText(lost)}); nothing was changed.`,
      hint: "Put the files back into the source first, or say with --allow-lost-rows that these rows may go; --dry-run names them.",
      table,
    });
  }
  if (flags["yes"] === true) return;
  if (!canAsk()) {
    throw new LandfallError("USAGE", {
      message: `A full refresh takes ${removedText(plan)} out of ${table}; it was not confirmed, and nothing was changed.`,
      hint: "Say --yes, or --dry-run to see first what would happen.",
      table,
    });
  }
  const { source } = (await context.ledger.identity()) ?? { source: "" };
  const where = { pipeline: declaredNameOf(context.name), source, table, flags };
  process.stderr.write(`${planLines(plan, where).join("\n")}\n`);
  if (await confirmed("Go on?", signal)) return;
  throw new LandfallError("USAGE", {
    message: "The full refresh was not confirmed; nothing was changed.",
    hint: "Answer y to go on.",
    table,
  });
}

function documentOf(plan: RefreshPlan): Omit<RefreshDocument, "version"> {
  const { removed, kept, lost, source } = plan;
  return { removed, kept, lost: { files: lost.files, rows: lost.rows, why: lost.why }, source };
}

function doneLines(plan: RefreshPlan, version: number): string[] {
  return [
    `${styleText("green", "✔")} Full refresh: ${removedText(plan)} taken out of the table with version ${version}.`,
    "",
  ];
}

const NAMED = 20;

function planLines(
  plan: RefreshPlan,
  where: {
    readonly pipeline: string;
    readonly source: string;
    readonly table: string;
    readonly flags: DeclarationFlags;
  },
): string[] {
  const { lost, kept, ofOthers, source } = plan;
  const needed = where.flags["allowLostRows"] === true ? "" : "; needs --allow-lost-rows";
  return [
    `${styleText("bold", where.pipeline)}  ${printable(where.source)} → ${printable(where.table)}`,
    "",
    ...factLines([
      ["taken out", removedText(plan)],
      [
        "of others",
        ofOthers.files > 0
          ? `${rowsText(ofOthers.rows)} of these, in ${counted(ofOthers.files, "data file")}: no run of another pipeline reads its files again, unless it is started over, too`
          : undefined,
      ],
      [
        "stays",
        kept.files > 0
          ? `${rowsText(kept.rows)} in ${counted(kept.files, "data file")} of others`
          : undefined,
      ],
      ["read anew", `${counted(source.files, "file")} in the source, ${formatBytes(source.bytes)}`],
      [
        "stay out",
        source.keptOut > 0
          ? `${counted(source.keptOut, "file")}: adopted, or there before the first run (includeExistingFiles: false)`
          : undefined,
      ],
      [
        "lost",
        lost.files > 0
          ? `${counted(lost.rows, "row")} of ${counted(lost.files, "file")} (${whyText(lost)})${needed}`
          : undefined,
      ],
    ]),
    ...lost.first
      .slice(0, NAMED)
      .map(({ key, why, rows }) => `    ${printable(displayKey(key))}  ${why}, ${counted(rows, "row")}`),
    ...(lost.files > NAMED ? [`    … and ${formatCount(lost.files - NAMED)} more`] : []),
    "",
  ];
}

function removedText({ removed }: RefreshPlan): string {
  return `${rowsText(removed.rows)} in ${counted(removed.files, "data file")}`;
}

function rowsText(rows: number | undefined): string {
  return rows === undefined ? "an unknown number of rows" : counted(rows, "row");
}

function whyText({ why }: RefreshPlan["lost"]): string {
  return Object.entries(why)
    .map(([reason, count]) => `${formatCount(count)} ${reason}`)
    .join(", ");
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;
}
