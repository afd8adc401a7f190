/** What the program and the engine's process say to each other. Everything survives structured cloning. */
import type { WireError } from "../base/wire-error.ts";
import type { EngineOptions, StageProgress } from "./engine.ts";

/** The calls of the engine's port that are sent as they are. */
export const ENGINE_METHODS = [
  "stage",
  "query",
  "predicateOf",
  "compact",
  "toJsonLines",
  "fromJsonLines",
] as const;
export type EngineMethod = (typeof ENGINE_METHODS)[number];

export type ToEngine =
  | { readonly type: "open"; readonly options: EngineOptions; readonly poison?: string | undefined }
  | { readonly type: "call"; readonly id: number; readonly method: EngineMethod; readonly request: unknown }
  | { readonly type: "cancel"; readonly id: number };

export type FromEngine =
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "failure"; readonly id: number; readonly error: WireError }
  | { readonly type: "progress"; readonly id: number; readonly progress: StageProgress }
  /** The last word of a process that can answer no call any more. */
  | { readonly type: "broken"; readonly why: string }
  /** Sent while the process can still run JavaScript: a process that is silent for too long hangs. */
  | { readonly type: "alive" };
