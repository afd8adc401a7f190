import { resolve } from "node:path";
import { styleText } from "node:util";
import { systemClock } from "../../base/clock.ts";
import { isLandfallError, LandfallError } from "../../base/landfall-error.ts";
import { displayKey } from "../../base/path-bytes.ts";
import { printable } from "../../base/printable.ts";
import { formatCount } from "../../base/units.ts";
import type { DecisionKind } from "../../ingest/decision.ts";
import type { PipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { declaredNameOf } from "../../ingest/pipeline-name.ts";
import { openOrRebuild } from "../../operate/list-files.ts";
import type { FileName } from "../../operate/mend/choose-files.ts";
import {
  decideBesideRun,
  decideFiles,
  previewDecision,
  type Decided,
  type DecideFilesOptions,
} from "../../operate/mend/decide-files.ts";
import type { Left, TakenBack } from "../../operate/mend/plan-decision.ts";
import { localStorage } from "../../storage/local-storage.ts";
import { canonicalPath } from "../../base/canonical-path.ts";
import { globBelow, mayBeGlob } from "../../operate/glob-filter.ts";
import { onePipeline, withPipelineHeld } from "../../open/open-mending.ts";
import { withTableView } from "../../open/open-table-view.ts";
import { DRY_RUN_DONE, printDocument, printLines } from "../print-result.ts";
import { tableOrPipeline } from "../table-or-pipeline.ts";
import { plural } from "../plural.ts";

export interface FilesDecideFlags {
  readonly json?: true;
  readonly name?: string;
  readonly state?: string;
  readonly dryRun?: true;
  /** Of `retry`. */
  readonly failed?: true;
  /** Of `forget`. */
  readonly allowDuplicateRows?: true;
}

interface Done {
  readonly identity: PipelineIdentity;
  readonly decided: Decided;
  /** A run is under way, which takes it in. */
  readonly besideRun?: true;
}

/** `landfall files retry|forget <table|pipeline.yaml> [file|glob…]` */
export async function filesDecideCommand(options: {
  readonly kind: DecisionKind;
  readonly place: string;
  readonly files: readonly string[];
  readonly flags: FilesDecideFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { kind, place, files, flags, signal } = options;
  if (files.length === 0 && flags.failed !== true) {
    throw new LandfallError("USAGE", {
      message: `files ${kind} needs to know which files.`,
      hint:
        kind === "retry"
          ? "Name files or a quoted glob, or --failed for all that are quarantined."
          : "Name files or a quoted glob; '**' is all of them.",
    });
  }
  const { location, name } = await tableOrPipeline(place, flags);
  const { identity, decided, besideRun } = await withTableView(
    { location, state: flags.state, onCopies: flags.dryRun === true },
    async (view): Promise<Done> => {
      const identity = await onePipeline(view, name);
      const storage = localStorage({ root: identity.source });
      const request: DecideFilesOptions = {
        kind,
        names: files.map(fileName),
        ...(flags.failed === true ? { states: ["quarantined"] } : {}),
        allowDuplicateRows: flags.allowDuplicateRows === true,
        source: { location: identity.source, storage },
        signal,
      };
      if (flags.dryRun === true) {
        const { ledger } = await openOrRebuild(view, identity, { clock: systemClock, signal });
        try {
          return { identity, decided: await previewDecision(ledger, request) };
        } finally {
          await ledger.close();
        }
      }
      const held = { view, identity, state: flags.state, signal };
      try {
        return {
          identity,
          decided: await withPipelineHeld(held, (context) => decideFiles(context, request)),
        };
      } catch (error) {
        if (!isLandfallError(error, "PIPELINE_HELD")) throw error;
        const { ledger } = await openOrRebuild(view, identity, { clock: systemClock, signal });
        try {
          const context = { name: identity.name, table: view, ledger, clock: systemClock, signal };
          return { identity, decided: await decideBesideRun(context, request), besideRun: true };
        } finally {
          await ledger.close();
        }
      }
    },
  );
  const dryRun = flags.dryRun === true;
  if (flags.json === true) {
    const { refused: _none, ...shown } = decided;
    printDocument({
      table: canonicalPath(location),
      pipeline: declaredNameOf(identity.name),
      kind,
      dryRun,
      ...shown,
    });
  } else {
    printLines(
      decidedLines(decided, {
        dryRun,
        failed: flags.failed === true,
        mayDouble: flags.allowDuplicateRows === true,
      }),
    );
    if (besideRun === true && decided.taken.length > 0)
      printLines([
        "A run is under way: one that keeps running takes it in within a minute, any other leaves it to the next.",
      ]);
  }
  return 0;
}

function fileName(text: string): FileName {
  const absolute = [resolve(text), canonicalPath(text)];
  if (!mayBeGlob(text)) return { text, absolute };
  return { text, absolute, glob: globBelow({ text, absolute: resolve(text) }) };
}

/** Files that are named one by one. */
const NAMED = 20;

function decidedLines(
  { taken, left }: Decided,
  how: { readonly dryRun: boolean; readonly failed: boolean; readonly mayDouble: boolean },
): string[] {
  const lines: string[] = [];
  if (taken.length === 0) {
    lines.push(
      how.failed && left.length === 0 ? "No file is quarantined: nothing to retry." : "Nothing was changed.",
    );
  } else {
    const verb = how.dryRun ? "would read" : "reads";
    lines.push(
      `${how.dryRun ? "" : `${styleText("green", "✔")} `}The next run ${verb} ${plural(taken.length, "file")} again:`,
      ...taken.slice(0, NAMED).map((file) => `  ${takenText(file)}`),
    );
    if (taken.length > NAMED)
      lines.push(`  … and ${formatCount(taken.length - NAMED)} more; --json lists them`);
    const rows = taken.reduce((sum, file) => sum + file.rows, 0);
    if (rows > 0) {
      const stay =
        rows === 1
          ? "The row that is in the table stays"
          : `The ${formatCount(rows)} rows that are in the table stay`;
      const needs = how.dryRun && !how.mayDouble ? ", so that it needs --allow-duplicate-rows" : "";
      lines.push(styleText("yellow", `${stay} there${needs}.`));
    }
    const away = taken.filter((file) => file.source === "gone").length;
    if (away > 0)
      lines.push(
        `${plural(away, "file")} of these ${away === 1 ? "is" : "are"} not in the source now, and ${away === 1 ? "is" : "are"} read when ${away === 1 ? "it comes" : "they come"} back.`,
      );
  }
  lines.push(...leftLines(left));
  if (how.dryRun) lines.push(DRY_RUN_DONE);
  return lines;
}

function takenText({ key, state, reason, batch, rows, source }: TakenBack): string {
  const was = `was ${state}${batch === undefined ? "" : ` by batch ${batch}`}${reason === undefined ? "" : `: ${printable(reason)}`}`;
  const counted = rows > 0 ? `, ${formatCount(rows)} ${rows === 1 ? "row" : "rows"}` : "";
  const now = source === "there" ? "" : source === "gone" ? "; gone from the source" : "; changed since";
  return `${printable(displayKey(key))}  ${was}${counted}${now}`;
}

const LEFT: Readonly<Record<Left["why"], string>> = {
  stands: "in the table already; `files forget` can have them read again",
  judged: "skipped, because an earlier content is in the table",
  open: "read by the next run as it is",
  free: "read by the next run that sees it in the source",
  excluded: "kept out by a rule",
};

function leftLines(left: readonly Left[]): string[] {
  const counts = new Map<Left["why"], number>();
  for (const { why } of left) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts].map(([why, count]) => `Left alone: ${plural(count, "file")} (${LEFT[why]}).`);
}
