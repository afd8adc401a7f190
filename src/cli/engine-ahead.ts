/**
 * The engine's process, started before the program itself has loaded: each of them takes a quarter of a second to, and they can do so at
 * once. Only where it will surely be needed: a first run, into a table that is not there yet. A run that may find nothing new starts none.
 */
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

export interface EngineAhead {
  /** The process, once; undefined when it has been taken, has ended, or was never started. */
  readonly take: () => ChildProcess | undefined;
  /** Ends it if nobody took it. */
  readonly dispose: () => void;
}

/** Judges by the arguments as they stand, before they are parsed: a guess that is wrong costs a process that does nothing and is ended. */
export async function engineAhead(argv: readonly string[], stderr: "inherit" | "pipe"): Promise<EngineAhead> {
  let child: ChildProcess | undefined;
  if (isFirstRun(argv.slice(2))) {
    const { forkEngine } = await import("../engine/fork-engine.ts");
    child = forkEngine({ stderr, readsText: true });
    // An unused one keeps nothing alive, and one that cannot be started is started again by whoever needs it.
    child.on("error", () => {});
    child.unref();
    child.channel?.unref();
  }
  const take = (): ChildProcess | undefined => {
    const taken = child;
    child = undefined;
    return taken?.exitCode === null && taken.signalCode === null && taken.connected ? taken : undefined;
  };
  return { take, dispose: () => void take()?.kill("SIGKILL") };
}

/** True for `ingest <source...> <table>` with places first, a source that is there and a table that is not. */
function isFirstRun([command, ...rest]: readonly string[]): boolean {
  if (command !== "ingest") return false;
  const flag = rest.findIndex((argument) => argument.startsWith("-"));
  const places = flag < 0 ? rest : rest.slice(0, flag);
  const table = places.at(-1);
  if (places.length < 2 || table === undefined || rest.includes("--help")) return false;
  const [source = ""] = places;
  const isGlob = /[*?[{]/.test(source);
  return (
    (isGlob || existsSync(source)) &&
    !["_delta_log", "_landfall"].some((name) => existsSync(join(table, name)))
  );
}
