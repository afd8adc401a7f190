/** What the hard cases share: a place, a program that can be held at a named point, and what a table holds. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { LANDFALL_BIN, runLandfall, type CommandResult } from "./run-landfall.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export interface Place {
  readonly folder: string;
  readonly source: string;
  readonly table: string;
}

export function place(t: TestContext): Place {
  const folder = realpathSync(temporaryFolder(t));
  mkdirSync(join(folder, "in"));
  return { folder, source: join(folder, "in"), table: join(folder, "table") };
}

export interface HeldProgram {
  readonly child: ChildProcess;
  /** Lets it go on. */
  release(): void;
  readonly ended: Promise<CommandResult>;
}

/** Starts the command line and answers when it stands still at the point; fails when it ends before. */
export async function holdAt(
  t: TestContext,
  {
    point,
    args,
    folder,
  }: { readonly point: string; readonly args: readonly string[]; readonly folder: string },
): Promise<HeldProgram> {
  const gate = join(folder, `gate-${point}`);
  const child = spawn(process.execPath, [LANDFALL_BIN, ...args], {
    env: { ...process.env, NO_COLOR: "1", LANDFALL_FAULT: `${point}:pause=${gate}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const release = (): void => writeFileSync(gate, "");
  t.after(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  const ended = new Promise<CommandResult>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  child.stdout.on("data", (text) => (stdout += String(text)));
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (text) => {
      stderr += String(text);
      if (stderr.includes("landfall fault: ")) resolve();
    });
    void ended.then(() => reject(new Error(`it ended before ${point}:\n${stderr}`)));
  });
  return { child, release, ended };
}

/** The values of the column `id`, in order; a doubled row stands twice. */
export async function idsOf(table: string): Promise<readonly string[]> {
  const result = await runLandfall(["table", "query", table, "SELECT id FROM t ORDER BY id", "--json"]);
  assert.equal(result.code, 0, result.stderr);
  return (JSON.parse(result.stdout) as { rows: unknown[][] }).rows.map(([id]) => String(id));
}

/** Runs `landfall ingest`, which must end with the code and, for an error, name it. */
export async function ingestEnds(
  args: readonly string[],
  expected: { readonly code: number; readonly error?: string },
): Promise<string> {
  const result = await runLandfall(["ingest", ...args]);
  assert.equal(result.code, expected.code, `${result.stdout}${result.stderr}`);
  if (expected.error !== undefined) assert.match(result.stderr, new RegExp(`error ${expected.error} `));
  return result.stdout + result.stderr;
}
