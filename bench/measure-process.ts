/** A whole process, timed from outside, with the memory and the number of it and all its children. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessRun {
  /** From the spawn to the end. */
  readonly seconds: number;
  /** The sum of every process's own peak (VmHWM); 0 where /proc does not tell. */
  readonly peakBytes: number;
  /** Processes seen: 1 is one without children. */
  readonly processes: number;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const SAMPLE_EVERY_MS = 100;

/**
 * Runs a command to its end, sampling every 100 ms: oftener it would take from what is measured. The kernel keeps the peak, so a sample misses only
 * what a process took after its last one.
 *
 * @throws Error when the program cannot be started
 */
export function measureProcess(command: Command): Promise<ProcessRun> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command.program, command.args, {
      env: { ...process.env, NO_COLOR: "1", ...command.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    const peaks = new Map<number, number>();
    const sample = (): void => {
      if (child.pid !== undefined) samplePeaks(child.pid, peaks);
    };
    const timer = setInterval(sample, SAMPLE_EVERY_MS);
    let seconds = 0;
    sample();
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", (error) => {
      clearInterval(timer);
      reject(error);
    });
    child.on("exit", () => {
      seconds = (performance.now() - started) / 1000;
      clearInterval(timer);
    });
    child.on("close", (code) => {
      const peakBytes = [...peaks.values()].reduce((total, bytes) => total + bytes, 0);
      resolve({ seconds, peakBytes, processes: Math.max(1, peaks.size), code, stdout, stderr });
    });
  });
}

/** Notes the peaks of a process and of everything below it, by process id. Does nothing where /proc does not tell. */
export function samplePeaks(pid: number, peaks: Map<number, number>): void {
  const peak = peakOf(pid);
  if (peak === undefined) return;
  peaks.set(pid, Math.max(peak, peaks.get(pid) ?? 0));
  for (const child of childrenOf(pid)) samplePeaks(child, peaks);
}

function peakOf(pid: number): number | undefined {
  try {
    return peakOfStatus(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    // Not Linux, or it has just ended.
    return undefined;
  }
}

/** Bytes of `VmHWM` in a /proc status file; undefined for a process that has ended and is not yet waited for. */
export function peakOfStatus(status: string): number | undefined {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** Any thread may have started them. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8")
        .split(" ")
        .filter((text) => text !== "")
        .map(Number),
    );
  } catch {
    // It, or one of its threads, has just ended: the next sample sees what is left.
    return [];
  }
}
