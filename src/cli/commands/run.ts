import { statSync } from "node:fs";
import type { Pipeline } from "../../declaration/declaration.ts";
import { declarationOverrides, type DeclarationFlags } from "../declaration-overrides.ts";
import { engineShare, type EngineShare } from "../../engine/child-engine.ts";
import { keepRunningAndReport } from "../keep-running-and-report.ts";
import { pipelineFromFile } from "../../declaration/pipeline-from-file.ts";
import type { RefreshDocument } from "../full-refresh-first.ts";
import { refuseSharedSources } from "../../open/shared-sources.ts";
import { refuseRefreshFlags } from "../refuse-refresh-flags.ts";
import { runAndReport } from "../run-and-report.ts";
import type { RunOutput } from "../run-output.ts";
import { metricsOf, runTelemetry, type RunTelemetry } from "../run-telemetry.ts";
import { serviceNotice, type ServiceNotice } from "../service-notice.ts";

interface RunCommandOptions {
  readonly files: readonly string[];
  readonly flags: DeclarationFlags;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly output: RunOutput;
}

/**
 * `landfall run <pipeline.yaml...>`: those that run once, one after the other; then the others side by side, until a signal comes. A mistake
 * in any file stops it before anything runs; after that one pipeline's error ends that pipeline only. The exit code is the highest of all.
 * With `--dry-run` it looks at each as `check` does.
 */
export async function runCommand(options: RunCommandOptions): Promise<number> {
  const { flags, signal, output } = options;
  refuseRefreshFlags(flags);
  const refreshes = flags["fullRefresh"] === true;
  if (flags.dryRun === true && !refreshes) return (await import("./check.ts")).checkCommand(options);
  const overrides = declarationOverrides(flags, options.env);
  const load = (file: string): Pipeline => pipelineFromFile(file, overrides);
  const declared = options.files.map((file) => ({ file, pipeline: load(file) }));
  refuseSharedSources(declared.map(({ pipeline }) => pipeline));
  const refreshed = refreshes
    ? await refreshAll(declared, { flags, signal })
    : new Map<Pipeline, RefreshDocument | undefined>();
  if (typeof refreshed === "number") return refreshed;
  await using telemetry = await runTelemetry({ metrics: metricsOf(flags), env: options.env, output });
  const [first, ...others] = declared;
  if (others.length === 0 && first?.pipeline.trigger.kind === "availableNow") {
    const { pipeline } = first;
    const fullRefresh = refreshed.get(pipeline);
    return await runAndReport({ pipeline, flags, signal, output, telemetry, fullRefresh });
  }
  const codes: number[] = [];
  const lasting = declared.filter(({ pipeline }) => pipeline.trigger.kind !== "availableNow");
  let going = lasting.length;
  const guarded = async (
    { file, pipeline }: (typeof declared)[number],
    work: () => Promise<number>,
  ): Promise<void> => {
    try {
      codes.push(await work());
    } catch (error) {
      signal.throwIfAborted();
      codes.push(output.error(error, { json: flags.json === true, pipeline: pipeline.name, file }));
      if (pipeline.trigger.kind !== "availableNow" && going > 1)
        output.notice("  it has ended with that; the other pipelines go on");
    }
    going -= pipeline.trigger.kind === "availableNow" ? 0 : 1;
  };
  for (const one of declared.filter(({ pipeline }) => pipeline.trigger.kind === "availableNow"))
    await guarded(one, () => {
      const { pipeline } = one;
      return runAndReport({
        pipeline,
        flags,
        signal,
        output,
        telemetry,
        fullRefresh: refreshed.get(pipeline),
      });
    });
  // One budget: what the engine may use is there once, and is used by one batch at a time.
  const share = engineShare();
  const notice = serviceNotice(options.env);
  signal.addEventListener("abort", () => notice.stopping(), { once: true });
  try {
    await Promise.all(
      lasting.map((one) =>
        guarded(one, () => keepDeclared({ ...one, load, flags, signal, output, telemetry, share, notice })),
      ),
    );
  } finally {
    notice.close();
  }
  return Math.max(...codes);
}

/** The exit code of a dry run; else what was done to each, which is to be run. */
async function refreshAll(
  declared: readonly { readonly pipeline: Pipeline }[],
  { flags, signal }: { readonly flags: DeclarationFlags; readonly signal: AbortSignal },
): Promise<number | ReadonlyMap<Pipeline, RefreshDocument | undefined>> {
  const { fullRefreshAhead, fullRefreshFirst } = await import("../full-refresh-first.ts");
  const done = new Map<Pipeline, RefreshDocument | undefined>();
  for (const { pipeline } of declared) {
    if (flags.dryRun === true) await fullRefreshAhead({ pipeline, flags, signal });
    else done.set(pipeline, await fullRefreshFirst({ pipeline, flags, signal }));
  }
  return flags.dryRun === true ? 0 : done;
}

/** Opens the pipeline anew each time that its file says something else. */
async function keepDeclared(options: {
  readonly file: string;
  readonly pipeline: Pipeline;
  readonly load: (file: string) => Pipeline;
  readonly flags: DeclarationFlags;
  readonly signal: AbortSignal;
  readonly output: RunOutput;
  readonly telemetry: RunTelemetry;
  readonly share: EngineShare;
  readonly notice: ServiceNotice;
}): Promise<number> {
  const { file, load, flags, signal, output, telemetry, share, notice } = options;
  let { pipeline } = options;
  for (;;) {
    const { trigger } = pipeline;
    if (trigger.kind === "availableNow")
      return runAndReport({ pipeline, flags, signal, output, telemetry, share });
    const changed = changedDeclaration({ file, pipeline, load, output });
    await keepRunningAndReport({
      pipeline,
      trigger,
      flags,
      signal,
      output,
      telemetry,
      share,
      notice,
      isChanged: () => changed() !== undefined,
    });
    pipeline = changed()!;
    output.notice(`${file} has changed: the pipeline goes on as it says now`);
  }
}

/** The pipeline as the file declares it now, where that differs; what is wrong with a file is told once for each state of it. */
function changedDeclaration(options: {
  readonly file: string;
  readonly pipeline: Pipeline;
  readonly load: (file: string) => Pipeline;
  readonly output: RunOutput;
}): () => Pipeline | undefined {
  const { file, load, output } = options;
  const before = JSON.stringify(options.pipeline);
  let seen = stateOf(file);
  let changed: Pipeline | undefined;
  return () => {
    const now = stateOf(file);
    if (now === seen) return changed;
    seen = now;
    try {
      const loaded = load(file);
      changed = JSON.stringify(loaded) === before ? undefined : loaded;
    } catch (error) {
      output.error(error, { json: false, pipeline: options.pipeline.name });
      output.notice("  the pipeline goes on as it was declared before");
    }
    return changed;
  };
}

function stateOf(file: string): string {
  const info = statSync(file, { bigint: true, throwIfNoEntry: false });
  return info === undefined ? "" : `${info.ino}-${info.size}-${info.mtimeNs}`;
}
