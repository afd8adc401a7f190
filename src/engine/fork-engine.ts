import { fork, type ChildProcess } from "node:child_process";
import { siblingModule } from "../base/sibling-module.ts";

/** Its argument where it is to read text. */
export const READS_TEXT = "text";

/** Its file descriptor on which it writes the batches of scans: three times as fast as its channel. */
export const BATCH_PIPE = 4;

export interface ForkEngineOptions {
  readonly stderr: "inherit" | "pipe";
  /** As that of `EngineOptions`: the scanner's threads start with the process. */
  readonly readsText: boolean;
}

/** Starts the engine's process, which waits to be opened and ends when its channel closes. */
export function forkEngine({ stderr, readsText }: ForkEngineOptions): ChildProcess {
  return fork(siblingModule(import.meta.url, "engine-process"), readsText ? [READS_TEXT] : [], {
    serialization: "advanced",
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "ignore", stderr, "ipc", "pipe"],
  });
}
