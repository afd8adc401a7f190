import { fork, type ChildProcess } from "node:child_process";
import { siblingModule } from "../base/sibling-module.ts";

/** Its file descriptor on which it writes the batches of scans: three times as fast as its channel. */
export const BATCH_PIPE = 4;

/** Starts the engine's process, which waits to be opened and ends when its channel closes. */
export function forkEngine(options: { readonly stderr: "inherit" | "pipe" }): ChildProcess {
  return fork(siblingModule(import.meta.url, "engine-process"), {
    serialization: "advanced",
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "ignore", options.stderr, "ipc", "pipe"],
  });
}
