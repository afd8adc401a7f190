/** The real program as a child process: started, possibly killed, and what it said. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Program {
  /** Command and first arguments that start the command line of this very installation. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface RunningProgram {
  readonly child: ChildProcess;
  readonly ended: Promise<ProgramEnd>;
}

/** Few batches are committed here, and folding is to be reached, too. */
const FOLD_AFTER = "2";

/** Starts `landfall …`; nothing of its output reaches the terminal. The group of its processes is its own. */
export function startProgram(
  program: Program,
  options: { readonly arguments: readonly string[]; readonly faults?: string; readonly trace?: true },
): RunningProgram {
  const [command = "", ...first] = program.command;
  const started = performance.now();
  const child = spawn(command, [...first, ...options.arguments], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...program.env,
      LANDFALL_FAULT: options.faults ?? "",
      LANDFALL_FAULT_TRACE: options.trace === true ? "1" : "",
      LANDFALL_FOLD_AFTER: FOLD_AFTER,
    },
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) =>
      resolve({ code, signal, stderr, milliseconds: performance.now() - started }),
    );
  });
  return { child, ended };
}

/** Processes that a process has started; empty where the system does not tell (no Linux). */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    // No Linux, or the process has just ended.
    return [];
  }
}

/** SIGKILL to a process, or to a whole group by its negative number; one that has ended is no matter. True when it was there. */
export function killProcess(pid: number): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}
