import process from "node:process";
import { styleText } from "node:util";
import { systemClock } from "../../base/clock.ts";
import { printable } from "../../base/printable.ts";
import { formatBytes, formatCount } from "../../base/units.ts";
import { newestStateName, readPipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { memoryLedger } from "../../ledger/memory-ledger.ts";
import { openOrRebuild } from "../../operate/list-files.ts";
import {
  adoptFiles,
  planAdoption,
  type AdoptionPlan,
  type NotAdopted,
} from "../../operate/mend/adopt-files.ts";
import { bytesToSum } from "../../operate/mend/adopted-checksums.ts";
import { readFileList } from "../../operate/mend/read-file-list.ts";
import { findPlaces, sourceOf } from "../../open/find-places.ts";
import { openPipeline } from "../../open/open-pipeline.ts";
import { withTableView } from "../../open/open-table-view.ts";
import { pipelineFromFile } from "../../declaration/pipeline-from-file.ts";
import { declarationOverrides } from "../declaration-overrides.ts";
import { DRY_RUN_DONE, printDocument, printLines } from "../print-result.ts";
import { readingProgress } from "../reading-progress.ts";
import { withScratchEngine } from "../scratch-engine.ts";
import { plural } from "../plural.ts";

export interface FilesAdoptFlags {
  readonly json?: true;
  readonly state?: string;
  readonly dryRun?: true;
  /** False: the files are not read. */
  readonly checksums: boolean;
  /** What the list calls the source. */
  readonly listSource?: string;
}

/** `landfall files adopt <pipeline.yaml> <list>`; 1 when something of the list was not adopted. */
export async function filesAdoptCommand(options: {
  readonly file: string;
  readonly list: string;
  readonly flags: FilesAdoptFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { list, flags, signal } = options;
  const pipeline = pipelineFromFile(options.file, declarationOverrides({}, process.env));
  const entries = await readFileList({ path: list, withEngine: withScratchEngine, signal });
  const { listSource } = flags;
  const places = findPlaces({ pipeline });
  const { name, table } = places;
  const dryRun = flags.dryRun === true;
  let plan: AdoptionPlan;
  if (dryRun) {
    const source = sourceOf(pipeline, places);
    const { named: _, ...planned } = await withTableView(
      { location: table, state: flags.state, onCopies: true },
      async (view) => {
        const identity = await readPipelineIdentity(view.storage, await newestStateName(view.storage, name));
        const ledger =
          identity === undefined
            ? memoryLedger()
            : (await openOrRebuild(view, identity, { clock: systemClock, signal })).ledger;
        try {
          return await planAdoption({ entries, source, listSource, ledger, signal });
        } finally {
          await ledger.close();
        }
      },
    );
    plan = planned;
  } else {
    const progress = readingProgress(process.stderr, { doing: "reading", what: "file" });
    const opened = await openPipeline({ pipeline, stateFolder: flags.state, emit: () => {}, signal });
    try {
      plan = await adoptFiles(opened.context, {
        entries,
        source: opened.run.source,
        listSource,
        checksums: flags.checksums,
        onProgress: progress.show,
      });
    } finally {
      progress.clear();
      await opened.close();
    }
  }
  if (flags.json === true) printDocument({ table, pipeline: name, dryRun, ...plan });
  else printLines(adoptionLines(plan, { dryRun, checksums: flags.checksums }));
  return plan.left.length > 0 ? 1 : 0;
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
  outside: "is not inside the source",
  uncommitted: "was not committed by the other loader",
};

function adoptionLines(
  { adopted, already, left }: AdoptionPlan,
  { dryRun, checksums }: { readonly dryRun: boolean; readonly checksums: boolean },
): string[] {
  const lines: string[] = [];
  if (adopted.length > 0) {
    const verb = dryRun ? "would be adopted" : adopted.length === 1 ? "is adopted" : "are adopted";
    const mark = dryRun ? "" : `${styleText("green", "✔")} `;
    lines.push(
      `${mark}${plural(adopted.length, "file")} ${verb}: no run reads ${adopted.length === 1 ? "it" : "them"}.`,
    );
  } else {
    lines.push("Nothing to adopt; nothing was changed.");
  }
  const bytes = bytesToSum(adopted);
  if (checksums && bytes > 0)
    lines.push(
      `For ${adopted.length === 1 ? "its checksum" : "their checksums"} ${formatBytes(bytes)} ${dryRun ? "would be" : "were"} read.`,
    );
  if (already > 0) lines.push(`${plural(already, "file")} had been adopted before.`);
  if (left.length > 0) {
    lines.push(styleText("yellow", `${plural(left.length, "file")} of the list not adopted:`));
    for (const { line, path, why } of left.slice(0, NAMED))
      lines.push(`  line ${line}  ${printable(path)} ${WHY[why]}`);
    if (left.length > NAMED)
      lines.push(`  … and ${formatCount(left.length - NAMED)} more; --json lists them`);
  }
  if (dryRun) lines.push(DRY_RUN_DONE);
  return lines;
}
