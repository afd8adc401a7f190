import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { styleText } from "node:util";
import { installedFile } from "../../base/installed-file.ts";
import { LandfallError } from "../../base/landfall-error.ts";
import { childEngine } from "../../engine/child-engine.ts";
import { FAULT_STEPS, plannedKills } from "../../operate/prove/fault-steps.ts";
import { declaredScratch, type DeclaredPipeline } from "../../operate/prove/declared-scratch.ts";
import { onlyKind, prove, type ProveResult } from "../../operate/prove/prove.ts";
import { OWN_PIPELINES } from "../../operate/prove/scratch-pipelines.ts";
import { canonicalPath } from "../../base/canonical-path.ts";
import { pipelineFromFile } from "../../declaration/pipeline-from-file.ts";
import { textTable } from "../text-table.ts";
import { wholeNumber as positive } from "../whole-number.ts";

export interface ProveFlags {
  readonly kills: string;
  readonly seed?: string;
  readonly perPoint?: string;
  readonly only?: string;
  readonly keep?: string;
  readonly json?: true;
}

/** `landfall prove` */
export async function proveCommand(options: {
  /** A declaration to make the scratch pipeline from; default: pipelines of its own. */
  readonly file?: string | undefined;
  readonly flags: ProveFlags;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { flags, env, signal } = options;
  const started = performance.now();
  const pipelines = options.file === undefined ? OWN_PIPELINES : declaredScratch(declaredIn(options.file));
  if (
    flags.only !== undefined &&
    plannedKills({ only: flags.only, kind: onlyKind(pipelines) }).length === 0
  ) {
    throw new LandfallError("USAGE", {
      message: `No named point begins with "${flags.only}".`,
      hint: `There are ${FAULT_STEPS.map(({ point }) => point).join(", ")}.`,
    });
  }
  const keep = flags.keep === undefined ? undefined : emptyFolder(flags.keep);
  const folder = canonicalPath(mkdtempSync(join(tmpdir(), "landfall-prove-")));
  const engine = childEngine({
    memoryBytes: 512 * 1024 ** 2,
    threads: 1,
    spillFolder: join(folder, "engine"),
    spillBytes: 1024 ** 3,
  });
  try {
    const result = await prove({
      folder,
      kills: wholeNumber("--kills", flags.kills),
      seed: flags.seed === undefined ? Date.now() % 2 ** 31 : wholeNumber("--seed", flags.seed),
      perPoint: flags.perPoint === undefined ? undefined : positive("--per-point", flags.perPoint),
      only: flags.only,
      pipelines,
      keep,
      program: {
        command: [process.execPath, ...process.execArgv, installedFile("bin/landfall.js")!],
        env: ownEnvironment(env),
      },
      engine,
      onProgress: showProgress,
      signal,
    });
    const seconds = Math.round((performance.now() - started) / 1000);
    if (flags.json === true)
      process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...result, seconds })}\n`);
    else process.stdout.write(`${proveReport(result, seconds)}\n`);
    return result.held ? 0 : 1;
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws LandfallError DECLARATION_MISSING, DECLARATION_INVALID */
function declaredIn(file: string): DeclaredPipeline {
  const pipeline = pipelineFromFile(file, []);
  return { pipeline, text: readFileSync(file, "utf8") };
}

/** What is kept must not mix with what lay there before. */
function emptyFolder(name: string): string {
  const folder = resolve(name);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new LandfallError("USAGE", {
      message: `--keep ${name} is not empty.`,
      hint: "--keep takes a folder that is empty or does not exist yet.",
    });
  }
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A person's LANDFALL_* settings must not change what the scratch pipelines do. */
function ownEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("LANDFALL_")));
}

function wholeNumber(flag: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new LandfallError("USAGE", {
    message: `${flag} ${text} is no whole number.`,
    hint: `${flag} takes a number from 0 on.`,
  });
}

function showProgress(done: number, of: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r${done === of ? "" : `killed and healed: ${done} of ${of}`}\u001B[K`);
}

function proveReport(result: ProveResult, seconds: number): string {
  const table = textTable({
    columns: ["step", "kills"],
    rows: result.steps.map(({ step, kills }) => [step, kills]),
  });
  const faults = result.faults.flatMap(({ kill, faults: wrong }) => [
    `  ${kill}`,
    ...wrong.map((fault) => `    ${fault}`),
  ]);
  const kills = result.steps.reduce((sum, step) => sum + step.kills, 0);
  const done = `${kills} kills, ${result.randomKills} of them at random, ${seconds} s, seed ${result.seed}`;
  const verdict = result.held
    ? styleText("green", `held: every row once, every file in its place (${done})`)
    : styleText("red", `FAILED: ${result.faults.length} kills left something wrong or hit nothing (${done})`);
  const leftOut =
    result.leftOut.length > 0
      ? [`left out, as this pipeline never passes them: ${result.leftOut.join(", ")}`, ""]
      : [];
  return [table, "", ...leftOut, ...faults, ...(faults.length > 0 ? [""] : []), verdict].join("\n");
}
