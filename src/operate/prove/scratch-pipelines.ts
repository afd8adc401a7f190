/** The declarations of the scratch pipelines. Small batches and a short checkpoint interval: much happens in a few files. */
import type { ScratchKind } from "./fault-steps.ts";
import { OWN_DATA, type ScratchData } from "./scratch-data.ts";

export const SCRATCH_KINDS: readonly ScratchKind[] = ["ignore", "append", "baseline", "archive", "compact"];

/** Beside the source, where the kind moves its files. */
export const SCRATCH_ARCHIVE = "archive";
export const SCRATCH_QUARANTINE = "quarantine";

/** Also the pipeline's name, so that its state lies in a known folder. */
export const SCRATCH_NAME = "prove";

/** Files of one batch, and versions from one checkpoint to the next. */
export const SCRATCH_BATCH = 3;

/** What is killed and healed. */
export interface ScratchPipelines {
  readonly kinds: readonly ScratchKind[];
  /** The YAML of a kind; its source is `in` and its table `table`, beside it. */
  declaration(kind: ScratchKind): string;
  readonly data: ScratchData;
}

/** The pipelines of `landfall prove` without a declaration. */
export const OWN_PIPELINES: ScratchPipelines = {
  kinds: SCRATCH_KINDS,
  declaration: scratchDeclaration,
  data: OWN_DATA,
};

function scratchDeclaration(kind: ScratchKind): string {
  return [
    `pipeline: ${SCRATCH_NAME}`,
    "source:",
    "  location: in",
    "  format: json",
    `  onOverwrite: ${kind === "append" ? "append" : "ignore"}`,
    ...(kind === "baseline" ? ["  includeExistingFiles: false"] : []),
    "table:",
    "  location: table",
    ...(kind === "append" ? [] : ["  partitionBy: [day]"]),
    ...(kind === "compact" ? COMPACTING : [`  properties: { delta.checkpointInterval: "${SCRATCH_BATCH}" }`]),
    `limits: { maxFilesPerTrigger: ${SCRATCH_BATCH} }`,
    ...(kind === "archive"
      ? [`archive: { to: "${SCRATCH_ARCHIVE}/{yyyy}" }`, `quarantine: { to: ${SCRATCH_QUARANTINE} }`]
      : []),
    "engine: { memory: 512m, threads: 1 }",
    "",
  ].join("\n");
}

/** Every second version a checkpoint, and with it a look for small files and for what has expired of the log. */
const COMPACTING: readonly string[] = [
  "  autoCompact: true",
  "  autoCompact.minNumFiles: 2",
  '  properties: { delta.checkpointInterval: "2", delta.logRetentionDuration: "interval 1 days" }',
];
