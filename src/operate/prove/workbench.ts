/**
 * One scratch folder in which cases run one after another. What a case starts from is prepared once and copied back: always to the
 * same path, since a pipeline knows its source by its place.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { LandfallError } from "../../base/landfall-error.ts";
import { LOG_FOLDER } from "../../delta/log-files.ts";
import { firstWave, laterWave } from "./arrival-plan.ts";
import { baselineKey, stateFolder } from "../../ingest/state-keys.ts";
import type { ScratchKind } from "./fault-steps.ts";
import { startProgram, type Program } from "./landfall-process.ts";
import { SCRATCH_NAME, type ScratchPipelines } from "./scratch-pipelines.ts";
import type { ScratchData } from "./scratch-data.ts";
import { seededRandom } from "./seeded-random.ts";
import { changeSource, EMPTY_HISTORY, type SourceHistory } from "./source-history.ts";

/** `fresh`: first arrivals and no table. `grown`: a table, and later arrivals that nobody has read. */
export type StartingPoint = "fresh" | "grown";

export interface Workbench {
  /** The pipeline's folder: declaration, source and table. */
  readonly folder: string;
  readonly declaration: string;
  readonly source: string;
  readonly table: string;
  readonly ledger: string;
  /** Where the baseline stands once it is written. */
  readonly baseline: string;
  readonly scratchFolder: string;
  readonly data: ScratchData;
  /** What lay in the source before the first run. */
  readonly before: SourceHistory;
  /** Puts the folder back to a starting point and answers what has lain in its source. */
  restore(kind: ScratchKind, start: StartingPoint): Promise<SourceHistory>;
}

export function makeWorkbench(options: {
  readonly folder: string;
  readonly seed: number;
  readonly program: Program;
  readonly pipelines: ScratchPipelines;
}): Workbench {
  const { folder, seed, program, pipelines } = options;
  const { data } = pipelines;
  const work = join(folder, "work");
  const declaration = join(work, "pipeline.yaml");
  const source = join(work, "in");
  const table = join(work, "table");
  const scratchFolder = join(folder, "scratch");
  const saved = (kind: ScratchKind, start: StartingPoint): string => join(folder, `${kind}-${start}`);
  const histories = new Map<string, SourceHistory>();
  mkdirSync(source, { recursive: true });
  mkdirSync(scratchFolder, { recursive: true });
  const random = seededRandom(seed);
  const arriving = firstWave(data, random);
  const before = changeSource(source, EMPTY_HISTORY, arriving, data);
  const later = laterWave(data, random, (key) => readFileSync(join(source, key)));

  const prepare = async (kind: ScratchKind): Promise<void> => {
    rmSync(work, { recursive: true, force: true });
    mkdirSync(source, { recursive: true });
    writeFileSync(declaration, pipelines.declaration(kind));
    changeSource(source, EMPTY_HISTORY, arriving, data);
    copy(work, saved(kind, "fresh"));
    const end = await startProgram(program, { arguments: ["run", declaration] }).ended;
    if (end.code !== 0 && end.code !== 1) throw cannotPrepare(end.stderr);
    if (kind === "compact") letAge(join(table, LOG_FOLDER));
    histories.set(saved(kind, "grown"), changeSource(source, stillLying(source, before), later, data));
    copy(work, saved(kind, "grown"));
    histories.set(saved(kind, "fresh"), before);
  };
  return {
    folder: work,
    data,
    declaration,
    source,
    table,
    ledger: join(table, stateFolder(SCRATCH_NAME), "ledger.db"),
    baseline: join(table, baselineKey(SCRATCH_NAME)),
    scratchFolder,
    before,
    async restore(kind, start) {
      if (!histories.has(saved(kind, start))) await prepare(kind);
      rmSync(work, { recursive: true, force: true });
      copy(saved(kind, start), work);
      return histories.get(saved(kind, start))!;
    },
  };
}

/** Without what the pipeline itself has moved away. */
function stillLying(source: string, history: SourceHistory): SourceHistory {
  const lying = new Map([...history.lying].filter(([key]) => existsSync(join(source, key))));
  return { ...history, lying };
}

/** As if the table had been made some days ago. */
function letAge(folder: string): void {
  const then = new Date(Date.now() - AGE_MS);
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), then, then);
}

const AGE_MS = 3 * 86_400_000;

function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
}

function cannotPrepare(stderr: string): LandfallError {
  return new LandfallError("INTERNAL", {
    message: `The scratch pipeline does not run even when nobody kills it: ${stderr.trim()}`,
    hint: "Try `landfall check` on a pipeline of your own: something is wrong with this installation.",
  });
}
