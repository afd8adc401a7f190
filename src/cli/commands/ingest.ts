import { LandfallError } from "../../base/landfall-error.ts";
import type { Pipeline } from "../../declaration/declaration.ts";
import type { EngineAhead } from "../engine-ahead.ts";
import { declarationOverrides, type DeclarationFlags } from "../declaration-overrides.ts";
import { pipelineFromFlags } from "../../declaration/pipeline-from-flags.ts";
import type { RefreshDocument } from "../full-refresh-first.ts";
import { keepRunningAndReport } from "../keep-running-and-report.ts";
import { refuseRefreshFlags } from "../refuse-refresh-flags.ts";
import { runAndReport } from "../run-and-report.ts";
import type { RunOutput } from "../run-output.ts";
import { metricsOf, runTelemetry } from "../run-telemetry.ts";
import { shellWord } from "../run-summary.ts";

/** `landfall ingest <source...> <table>`: a pipeline without a file; with `--dry-run` only looked at. */
export async function ingestCommand(options: {
  readonly places: readonly string[];
  readonly flags: DeclarationFlags;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly output: RunOutput;
  readonly ahead: EngineAhead;
}): Promise<number> {
  const { places, flags } = options;
  const table = places.at(-1);
  if (places.length < 2 || table === undefined) {
    throw new LandfallError("USAGE", {
      message: "ingest needs a source and a table.",
      hint: "landfall ingest <source...> <table>, for example: landfall ingest ./arrivals ./table",
    });
  }
  refuseRefreshFlags(flags);
  const sources = places.slice(0, -1);
  const overrides = declarationOverrides(flags, options.env);
  const load = (): Pipeline => pipelineFromFlags(sources[0]!, table, overrides);
  let fullRefresh: RefreshDocument | undefined;
  if (flags["fullRefresh"] === true) {
    const { fullRefreshAhead, fullRefreshFirst } = await import("../full-refresh-first.ts");
    const refresh = { pipeline: load(), sources, flags, signal: options.signal };
    if (flags.dryRun === true) return fullRefreshAhead(refresh);
    fullRefresh = await fullRefreshFirst(refresh);
  } else if (flags.dryRun === true) {
    const { checkPipelines } = await import("./check.ts");
    const next = `landfall ingest ${places.map(shellWord).join(" ")}`;
    return checkPipelines({ pipelines: [{ load, sources, next }], flags, signal: options.signal });
  }
  const pipeline = load();
  const { trigger } = pipeline;
  const { signal, output, ahead } = options;
  await using telemetry = await runTelemetry({ metrics: metricsOf(flags), env: options.env, output });
  const run = { pipeline, sources, flags, signal, output, telemetry, ahead };
  if (trigger.kind === "availableNow") return await runAndReport({ ...run, fullRefresh });
  await keepRunningAndReport({ ...run, trigger });
  return 0;
}
