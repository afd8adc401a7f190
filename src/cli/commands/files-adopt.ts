import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { systemClock } from "../../base/clock.ts";
import { LandfallError, messageOf } from "../../base/landfall-error.ts";
import { printable } from "../../base/printable.ts";
import { formatCount } from "../../base/units.ts";
import { newestStateName, readPipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { memoryLedger } from "../../ledger/memory-ledger.ts";
import { openOrRebuild } from "../../operate/list-files.ts";
import {
  adoptFiles,
  planAdoption,
  type AdoptionPlan,
  type NotAdopted,
} from "../../operate/mend/adopt-files.ts";
import { parseFileList } from "../../operate/mend/parse-file-list.ts";
import { findPlaces, sourceOf } from "../../open/find-places.ts";
import { openPipeline } from "../../open/open-pipeline.ts";
import { withTableView } from "../../open/open-table-view.ts";
import { pipelineFromFile } from "../../declaration/pipeline-from-file.ts";
import { DRY_RUN_DONE, printDocument, printLines } from "../print-result.ts";

export interface FilesAdoptFlags {
  readonly json?: true;
  readonly state?: string;
  readonly dryRun?: true;
}

/** `landfall files adopt <pipeline.yaml> <list.csv>`; 1 when something of the list was not adopted. */
export async function filesAdoptCommand(options: {
  readonly file: string;
  readonly list: string;
  readonly flags: FilesAdoptFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { list, flags, signal } = options;
  const pipeline = pipelineFromFile(options.file, []);
  const entries = parseFileList(readList(list), list);
  const places = findPlaces({ pipeline });
  const { name, table } = places;
  const dryRun = flags.dryRun === true;
  let plan: AdoptionPlan;
  if (dryRun) {
    const source = sourceOf(pipeline, places);
    plan = await withTableView({ location: table, state: flags.state, onCopies: true }, async (view) => {
      const identity = await readPipelineIdentity(view.storage, await newestStateName(view.storage, name));
      const ledger =
        identity === undefined
          ? memoryLedger()
          : (await openOrRebuild(view, identity, { clock: systemClock, signal })).ledger;
      try {
        return await planAdoption({ entries, source, ledger, signal });
      } finally {
        await ledger.close();
      }
    });
  } else {
    const opened = await openPipeline({ pipeline, stateFolder: flags.state, emit: () => {}, signal });
    try {
      plan = await adoptFiles(opened.context, { entries, source: opened.run.source });
    } finally {
      await opened.close();
    }
  }
  if (flags.json === true) printDocument({ table, pipeline: name, dryRun, ...plan });
  else printLines(adoptionLines(plan, dryRun));
  return plan.left.length > 0 ? 1 : 0;
}

function readList(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new LandfallError("USAGE", {
      message: `The list ${path} cannot be read: ${messageOf(error)}`,
      hint: "It is CSV with a header: path,size,mtime.",
      file: path,
      cause: error,
    });
  }
}

/** Entries that are named one by one. */
const NAMED = 20;

const WHY: Readonly<Record<NotAdopted, string>> = {
  missing: "is not in the source",
  size: "has another size in the source",
  modified: "was modified at another time",
  committed: "is in the table already",
  quarantined: "has been read, and is quarantined",
  skipped: "has been skipped already",
};

function adoptionLines({ adopted, already, left }: AdoptionPlan, dryRun: boolean): string[] {
  const lines: string[] = [];
  if (adopted.length > 0) {
    const verb = dryRun ? "would be adopted" : adopted.length === 1 ? "is adopted" : "are adopted";
    const mark = dryRun ? "" : `${styleText("green", "✔")} `;
    lines.push(
      `${mark}${plural(adopted.length)} ${verb}: no run reads ${adopted.length === 1 ? "it" : "them"}.`,
    );
  } else {
    lines.push("Nothing to adopt; nothing was changed.");
  }
  if (already > 0) lines.push(`${plural(already)} had been adopted before.`);
  if (left.length > 0) {
    lines.push(styleText("yellow", `${plural(left.length)} of the list not adopted:`));
    for (const { line, path, why } of left.slice(0, NAMED))
      lines.push(`  line ${line}  ${printable(path)} ${WHY[why]}`);
    if (left.length > NAMED)
      lines.push(`  … and ${formatCount(left.length - NAMED)} more; --json lists them`);
  }
  if (dryRun) lines.push(DRY_RUN_DONE);
  return lines;
}

function plural(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "file" : "files"}`;
}
