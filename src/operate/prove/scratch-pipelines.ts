/** The declarations of the scratch pipelines. Small batches and a short checkpoint interval: much happens in a few files. */
import type { ScratchKind } from "./fault-steps.ts";

export const SCRATCH_KINDS: readonly ScratchKind[] = ["ignore", "append", "baseline"];

/** Also the pipeline's name, so that its state lies in a known folder. */
export const SCRATCH_NAME = "prove";

export function scratchDeclaration(kind: ScratchKind): string {
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
    '  properties: { delta.checkpointInterval: "3" }',
    "limits: { maxFilesPerTrigger: 3 }",
    "engine: { memory: 512m, threads: 1 }",
    "",
  ].join("\n");
}
