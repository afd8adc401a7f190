import { statSync } from "node:fs";
import { styleText } from "node:util";
import { systemClock } from "../../base/clock.ts";
import { LandfallError } from "../../base/landfall-error.ts";
import { displayKey } from "../../base/path-bytes.ts";
import { printable } from "../../base/printable.ts";
import { formatCount } from "../../base/units.ts";
import { defaultPipelineName } from "../../declaration/default-name.ts";
import { findOverlaps } from "../../declaration/find-overlaps.ts";
import { declaredNameOf } from "../../ingest/pipeline-name.ts";
import { readPipelines, type PipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { canonicalPath } from "../../base/canonical-path.ts";
import { onePipeline, withPipelineHeld } from "../../open/open-mending.ts";
import { withTableView, type OpenTableView } from "../../open/open-table-view.ts";
import { openOrRebuild } from "../../operate/list-files.ts";
import { declaredIn, type NamedPipeline } from "../table-or-pipeline.ts";
import {
  planRelocation,
  relocateSource,
  tellsByContent,
  type RelocateOptions,
  type RelocationPlan,
} from "../../operate/mend/relocate-source.ts";
import { localSource } from "../../sources/local-source.ts";
import { DRY_RUN_DONE, printDocument, printLines } from "../print-result.ts";

export interface FilesRelocateFlags {
  readonly json?: true;
  readonly name?: string;
  readonly state?: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly from: string;
  readonly to: string;
  readonly archiveFrom?: string;
  readonly archiveTo?: string;
}

/** `landfall files relocate <table|pipeline.yaml> --from <folder> --to <folder>`; 1 when files have changed or are missing there. */
export async function filesRelocateCommand(options: {
  readonly place: string;
  readonly flags: FilesRelocateFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { flags, signal } = options;
  const { location, name } = await namedPipeline(options.place, flags);
  const viewed = { location, state: flags.state, onCopies: flags.dryRun === true };
  const { identity, move, plan } = await withTableView(viewed, async (view) => {
    const identity = await onePipeline(view, name);
    const move = await checkedMove(view, identity, flags);
    const allowUnknown = flags.yes === true;
    const request = (byContent: boolean): RelocateOptions => ({
      source: localSource({
        root: move.to,
        except: view.storage.location,
        generation: byContent ? "contentHash" : "mtime",
      }),
      move,
      allowUnknown,
    });
    if (flags.dryRun === true) {
      const { ledger } = await openOrRebuild(view, identity, { clock: systemClock, signal });
      try {
        const { source } = request(await tellsByContent(ledger));
        const plan = await planRelocation({ ledger, source, signal });
        return { identity, move, plan };
      } finally {
        await ledger.close();
      }
    }
    const held = { view, identity, state: flags.state, signal };
    const plan = await withPipelineHeld(held, async (context) => {
      await refuseHeldFiles(context.pipelineId, move.from);
      return relocateSource(context, request(await tellsByContent(context.ledger)));
    });
    return { identity, move, plan };
  });
  const dryRun = flags.dryRun === true;
  const pipeline = declaredNameOf(identity.name);
  if (flags.json === true) {
    const { adopted, ...told } = plan;
    printDocument({
      table: canonicalPath(location),
      pipeline,
      dryRun,
      ...move,
      adopted: adopted.length,
      ...told,
    });
  } else printLines(relocationLines(plan, { pipeline, ...move, dryRun }));
  return plan.counts.changed + plan.counts.missing > 0 ? 1 : 0;
}

/** The declaration may name the old place or the new one, and neither need be there. */
async function namedPipeline(place: string, flags: FilesRelocateFlags): Promise<NamedPipeline> {
  const pipeline = await declaredIn(place);
  if (pipeline === undefined) return { location: place, name: flags.name };
  const unnamed = defaultPipelineName({ location: canonicalPath(flags.from), baseFolder: "/" });
  return { location: pipeline.table.location, name: flags.name ?? pipeline.name ?? unnamed };
}

async function checkedMove(
  view: OpenTableView,
  identity: PipelineIdentity,
  flags: FilesRelocateFlags,
): Promise<RelocateOptions["move"]> {
  const from = canonicalPath(flags.from);
  const to = canonicalPath(flags.to);
  const pipeline = declaredNameOf(identity.name);
  const table = view.storage.location;
  const wrong = (message: string, hint: string): LandfallError =>
    new LandfallError("USAGE", { message, hint, pipeline, table });
  for (const one of [from, to])
    if (statSync(one, { throwIfNoEntry: false })?.isFile() === true)
      throw wrong(
        `${one} is a file; a source is moved by its folder, also where it is one file or a glob.`,
        `Name the folders: --from ${identity.source}, and where that is now.`,
      );
  if (identity.source !== from && identity.source !== flags.from)
    throw wrong(
      `The pipeline "${pipeline}" reads ${identity.source}, not ${from}.`,
      `Name its present source: --from ${identity.source}.`,
    );
  if (identity.source === to)
    throw wrong(`${to} is the source of "${pipeline}" already.`, "Nothing is to be done.");
  if (statSync(to, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new LandfallError("SOURCE_MISSING", {
      message: `The folder ${to} does not exist.`,
      hint: "Move or copy the files first, keeping their modification times (mv, cp -p, rsync -a).",
    });
  }
  const [overlap] = findOverlaps({ source: to, table });
  if (overlap !== undefined) throw overlap;
  const twin = (await readPipelines(view.storage)).find((other) => other.source === to);
  if (twin !== undefined) {
    throw new LandfallError("PIPELINE_NAME_TAKEN", {
      message: `${to} feeds ${table} already, as pipeline "${declaredNameOf(twin.name)}".`,
      hint: "Two pipelines cannot read one source into one table.",
      pipeline,
      table,
    });
  }
  if ((flags.archiveFrom === undefined) !== (flags.archiveTo === undefined))
    throw wrong("--archive-from and --archive-to belong together.", "Name both, or neither.");
  if (flags.archiveFrom === undefined || flags.archiveTo === undefined) return { from: identity.source, to };
  const archive = { from: canonicalPath(flags.archiveFrom), to: canonicalPath(flags.archiveTo) };
  return { from: identity.source, to, archive };
}

/** What is held while it is tidied would stay behind in the old place. */
async function refuseHeldFiles(pipelineId: string, from: string): Promise<void> {
  if (statSync(from, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  const held = (await localSource({ root: from }).holdingFolder?.(pipelineId).held()) ?? [];
  if (held.length === 0) return;
  throw new LandfallError("USAGE", {
    message: `${formatCount(held.length)} files are held in ${from}/.landfall, where a run was stopped while it tidied them.`,
    hint: "Run the pipeline once on its present source, or move the folder with all that it holds, hidden names too.",
  });
}

const NAMED = 20;

function relocationLines(
  plan: RelocationPlan,
  where: {
    readonly pipeline: string;
    readonly from: string;
    readonly to: string;
    readonly dryRun: boolean;
  },
): string[] {
  const { counts, changed, missing } = plan;
  const verb = where.dryRun ? "would read" : "reads";
  const mark = where.dryRun ? "" : `${styleText("green", "✔")} `;
  const lines = [
    `${mark}${where.pipeline} ${verb} ${printable(where.to)} from now on, not ${printable(where.from)}.`,
  ];
  const say = (count: number, text: string): void => {
    if (count > 0) lines.push(`  ${formatCount(count)} ${count === 1 ? "file" : "files"} ${text}`);
  };
  say(counts.same, "known as they are");
  say(counts.copied, "with the bytes that were read, under another time: not read again");
  say(
    counts.alike,
    "that were left out, with the size that they had, under another time: left out here, too",
  );
  say(counts.free, "still to be read");
  lines.push(...named("changed since they were read: judged by onOverwrite", changed, counts.changed));
  lines.push(...named("in the table and not in the new place: their rows stay", missing, counts.missing));
  if (where.dryRun) lines.push(DRY_RUN_DONE);
  return lines;
}

function named(what: string, keys: readonly string[], count: number): string[] {
  if (count === 0) return [];
  return [
    styleText("yellow", `  ${formatCount(count)} ${count === 1 ? "file" : "files"} ${what}`),
    ...keys.slice(0, NAMED).map((key) => `    ${printable(displayKey(key))}`),
    ...(count > NAMED ? [`    … and ${formatCount(count - NAMED)} more; --json lists them`] : []),
  ];
}
