/** Runs the real command line as its user does. */
import { spawn } from "node:child_process";
import { join } from "node:path";

import type { StageTimes } from "../../src/cli/stage-times.ts";

export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const LANDFALL_BIN: string = join(import.meta.dirname, "../../bin/landfall.js");

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

/** The document of `ingest --json`. */
export interface RunDocument {
  readonly schemaVersion: 1;
  readonly pipeline: string;
  readonly table: string;
  readonly batches: number;
  readonly versions: readonly number[];
  readonly files: Readonly<
    Record<"discovered" | "committed" | "quarantined" | "skipped" | "waiting" | "unreadable", number>
  >;
  readonly rows: Readonly<
    Record<
      "read" | "written" | "updated" | "deleted" | "rescued" | "rejected" | "ignored" | "corrupt",
      number
    >
  >;
  readonly tidied: Readonly<Record<"archived" | "deleted" | "moved" | "failed" | "overwritten", number>>;
  /** Dotted keys whose values were left out. */
  readonly ignoredKeys: readonly string[];
  readonly bytes: number;
  readonly seconds: number;
  readonly engineStarted: boolean;
  /** Milliseconds. */
  readonly stages: StageTimes;
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

/** The rows that `landfall table query … --json` answers. */
export async function query(table: string, sql: string): Promise<unknown[][]> {
  const result = await runLandfall(["table", "query", table, sql, "--json"]);
  if (result.code !== 0)
    throw new Error(`landfall table query ended with ${String(result.code)}:\n${result.stderr}`);
  return (JSON.parse(result.stdout) as { rows: unknown[][] }).rows;
}
