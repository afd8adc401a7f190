/** What the program and the engine's process say to each other. Everything survives structured cloning. */
import type { WireError } from "../base/wire-error.ts";
import type { EngineOptions, StageProgress } from "./engine.ts";

/** The calls of the engine's port that are sent as they are. The batches of a scan come by a pipe of their own (column-batch/batch-frame.ts). */
export const ENGINE_METHODS = [
  "stage",
  "query",
  "scan",
  "predicateOf",
  "matchRows",
  "readAssignments",
  "findBrokenRow",
  "readMerge",
  "mergeRows",
  "compact",
  "writeRows",
  "schemasOfParquet",
  "toJsonLines",
  "fromJsonLines",
  "carryRows",
] as const;
export type EngineMethod = (typeof ENGINE_METHODS)[number];

export type ToEngine =
  | { readonly type: "open"; readonly options: EngineOptions; readonly poison?: string | undefined }
  | { readonly type: "call"; readonly id: number; readonly method: EngineMethod; readonly request: unknown }
  /** A batch of the scan was taken: one more may come. */
  | { readonly type: "more"; readonly id: number }
  | { readonly type: "cancel"; readonly id: number };

/** The answer to a scan. */
export interface ScanAnswer {
  /** That were sent: the last may still be on its way. */
  readonly batches: number;
}

/** Batches of a scan that may be on their way, or wait to be taken. */
export const BATCHES_AHEAD = 2;

export type FromEngine =
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "failure"; readonly id: number; readonly error: WireError }
  | { readonly type: "progress"; readonly id: number; readonly progress: StageProgress }
  /** The last word of a process that can answer no call any more. */
  | { readonly type: "broken"; readonly why: string }
  /** Sent while the process can still run JavaScript: a process that is silent for too long hangs. */
  | { readonly type: "alive" };
