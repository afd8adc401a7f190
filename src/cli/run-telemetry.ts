/** What this process tells of its runs to other programs. Nothing is loaded, and nothing listens, unless somebody asked. */
import type { OpenPipeline } from "../open/open-pipeline.ts";
import { systemClock } from "../base/clock.ts";
import { landfallVersion } from "../base/version.ts";
import type { MetricsServer } from "../server/metrics-server.ts";
import type { ListenedPipeline, RunListener } from "../telemetry/listener.ts";
import type { Telemetry } from "../telemetry/open-telemetry.ts";
import { otlpSettings } from "../telemetry/otlp-settings.ts";
import type { DeclarationFlags } from "./declaration-overrides.ts";
import type { RunOutput } from "./run-output.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";

export interface RunTelemetry extends AsyncDisposable {
  listen(pipeline: ListenedPipeline): RunListener;
}

/** By the flag or its variable, which the argument parser reads. */
export function metricsOf({ metrics }: DeclarationFlags): string | undefined {
  return typeof metrics === "string" ? metrics : undefined;
}

export interface RunTelemetryOptions {
  /** Where metrics are to be served, as it was written. */
  readonly metrics: string | undefined;
  /** OpenTelemetry's variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly output: RunOutput;
}

const NOBODY: RunListener = { opened: () => {}, emit: () => {}, ended: () => {} };

/** How long a ledger may take to answer `/livez`. */
const LEDGER_ANSWERS_MS = 5000;

/** @throws LandfallError USAGE, ADDRESS_UNAVAILABLE */
export async function runTelemetry(options: RunTelemetryOptions): Promise<RunTelemetry> {
  const { metrics, output } = options;
  const otlp = otlpSettings(options.env);
  for (const text of otlp?.notices ?? []) output.notice(text);
  if (metrics === undefined && otlp?.traces === undefined && otlp?.metrics === undefined)
    return { listen: () => NOBODY, [Symbol.asyncDispose]: async () => {} };
  const { openTelemetry } = await import("../telemetry/open-telemetry.ts");
  const warn = (text: string): void => output.notice(text);
  const telemetry = await openTelemetry({ version: landfallVersion(), clock: systemClock, otlp, warn });
  const server = metrics === undefined ? undefined : await serve(metrics, telemetry);
  if (server !== undefined) output.notice(`metrics at ${server.url}/metrics`);
  return {
    listen: (pipeline) => telemetry.listen(pipeline),
    async [Symbol.asyncDispose]() {
      await server?.close();
      await telemetry.close();
    },
  };
}

async function serve(metrics: string, telemetry: Telemetry): Promise<MetricsServer> {
  const { listenAddress } = await import("../server/listen-address.ts");
  const { silentOf, unreadyOf } = await import("../telemetry/pipeline-states.ts");
  const { startMetricsServer } = await import("../server/metrics-server.ts");
  const { states } = telemetry;
  try {
    return await startMetricsServer({
      address: listenAddress(metrics, "--metrics"),
      metrics: () => telemetry.metricsText(),
      alive: () => silentOf(states.all(), { milliseconds: LEDGER_ANSWERS_MS }),
      ready: () => unreadyOf(states.all()),
    });
  } catch (error) {
    await telemetry.close();
    throw error;
  }
}

/** The opened pipeline, of which the listener has heard; or that it could not be opened. */
export async function openedFor(
  listener: RunListener,
  opening: Promise<OpenPipeline>,
): Promise<OpenPipeline> {
  try {
    const opened = await opening;
    const { name, ledger } = opened.context;
    listener.opened({
      name: declaredNameOf(name),
      summary: () => ledger.summary(),
      lastTakenIn: () => ledger.lastTakenIn(),
    });
    return opened;
  } catch (error) {
    listener.ended(error);
    throw error;
  }
}
