import process from "node:process";
import type { LandfallError } from "../../base/landfall-error.ts";
import type { Pipeline } from "../../declaration/declaration.ts";
import { checkDeclared, checkExitCode, problemOf, type CheckReport } from "../check-and-report.ts";
import { checkDocument, checkLines } from "../check-lines.ts";
import { declarationOverrides, type DeclarationFlags } from "../declaration-overrides.ts";
import { pipelineFromFile } from "../../declaration/pipeline-from-file.ts";
import { DRY_RUN_DONE, printDocument, printLines } from "../print-result.ts";
import { sharedSources } from "../../open/shared-sources.ts";
import { describeError } from "../report-error.ts";
import { shellWord } from "../run-summary.ts";

/** One pipeline to look at. */
export interface PipelineToCheck {
  /** As errors and the document name it: the declaration's file; undefined where flags are all there is. */
  readonly declaration?: string;
  /** @throws LandfallError DECLARATION_MISSING, DECLARATION_INVALID */
  readonly load: () => Pipeline;
  readonly sources?: readonly string[];
  /** The command that would run it. */
  readonly next: string;
}

/** `landfall check <pipeline.yaml...>` */
export async function checkCommand(options: {
  readonly files: readonly string[];
  readonly flags: DeclarationFlags;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { files, flags, env, signal } = options;
  const overrides = declarationOverrides(flags, env);
  const pipelines = files.map((file) => ({
    declaration: file,
    load: () => pipelineFromFile(file, overrides),
    next: `landfall run ${shellWord(file)}`,
  }));
  return checkPipelines({ pipelines, flags, signal });
}

/** Looks at each, whatever is wrong with the others. The exit code is the highest of all. */
export async function checkPipelines(options: {
  readonly pipelines: readonly PipelineToCheck[];
  readonly flags: DeclarationFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { pipelines, flags, signal } = options;
  const documents: object[] = [];
  const together = sharedSources(pipelines.flatMap((one) => loaded(one) ?? []));
  const codes: number[] = together.map(({ exitCode }) => exitCode);
  if (flags.json !== true) for (const error of together) process.stderr.write(`${describeError(error)}\n`);
  for (const one of pipelines) {
    const outcome = await lookAt(one, { flags, signal });
    signal.throwIfAborted();
    const named = one.declaration === undefined ? {} : { declaration: one.declaration };
    if ("error" in outcome) {
      const { code, message, hint, exitCode } = outcome.error;
      codes.push(exitCode);
      documents.push({ ...named, exitCode, problems: [{ code, message, hint }] });
      if (flags.json !== true) process.stderr.write(`${describeError(outcome.error)}\n`);
      continue;
    }
    codes.push(checkExitCode(outcome.report));
    documents.push({ ...named, ...checkDocument(outcome.report) });
    if (flags.json !== true) printLines(checkLines(outcome.report, one.next));
  }
  const dryRun = flags.dryRun === true;
  if (flags.json === true) {
    const problems = together.map(({ code, message, hint }) => ({ code, message, hint }));
    printDocument({
      ...(dryRun ? { dryRun } : {}),
      checks: documents,
      ...(problems.length > 0 ? { problems } : {}),
    });
  } else if (dryRun) printLines([DRY_RUN_DONE]);
  return Math.max(...codes);
}

/** What is wrong with a declaration is told where it is looked at. */
function loaded({ load }: PipelineToCheck): Pipeline | undefined {
  try {
    return load();
  } catch (error) {
    problemOf(error);
    return undefined;
  }
}

async function lookAt(
  { load, sources }: PipelineToCheck,
  { flags, signal }: { readonly flags: DeclarationFlags; readonly signal: AbortSignal },
): Promise<{ readonly report: CheckReport } | { readonly error: LandfallError }> {
  try {
    const report = await checkDeclared({
      pipeline: load(),
      ...(sources === undefined ? {} : { sources }),
      stateFolder: flags.state,
      signal,
    });
    return { report };
  } catch (error) {
    return { error: problemOf(error) };
  }
}
