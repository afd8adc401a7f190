/** Runs the real command line as its user does. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { RunDocument } from "../../src/operate/run-report.ts";

export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The sources' program; LANDFALL_TEST_PROGRAM is another, as the built package's. */
export const LANDFALL_BIN: string =
  process.env["LANDFALL_TEST_PROGRAM"] ?? join(import.meta.dirname, "../../bin/landfall.js");

export function runLandfall(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** User and group id to run as; only root may choose. */
    readonly user?: number;
  } = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [LANDFALL_BIN, ...args], {
      cwd: options.cwd,
      ...(options.user === undefined ? {} : { uid: options.user, gid: options.user }),
      env: { ...process.env, NO_COLOR: "1", ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => (stdout += String(chunk)));
    child.stderr.on("data", (chunk) => (stderr += String(chunk)));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** `landfall ingest … --json`, whose exit code must be one of those given (default 0). */
export async function ingest(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly codes?: readonly number[];
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<RunDocument> {
  const result = await runLandfall(["ingest", ...args, "--json"], options);
  if (!(options.codes ?? [0]).includes(result.code ?? -1)) {
    throw new Error(
      `landfall ingest ${args.join(" ")} ended with ${String(result.code ?? result.signal)}:\n${result.stderr}${result.stdout}`,
    );
  }
  return JSON.parse(result.stdout) as RunDocument;
}
