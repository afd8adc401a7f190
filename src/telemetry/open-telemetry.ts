/**
 * Metrics and traces of the runs of this process, by OpenTelemetry. Loaded only where somebody asked for them. Nothing global is set: two
 * in one process do not know of each other.
 */
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, type IMetricReader } from "@opentelemetry/sdk-metrics";
import type { Clock } from "../base/clock.ts";
import { batchTraces } from "./batch-traces.ts";
import type { ListenedPipeline, RunListener } from "./listener.ts";
import type { OtlpSettings } from "./otlp-settings.ts";
import { temporalityOf } from "./temporality-of.ts";
import { pipelineStates, type PipelineStates } from "./pipeline-states.ts";
import { runMetrics } from "./run-metrics.ts";

export interface Telemetry {
  readonly states: PipelineStates;
  listen(pipeline: ListenedPipeline): RunListener;
  /** All metrics in Prometheus' text format. */
  metricsText(): Promise<string>;
  /** Sends what is left, for at most two seconds. */
  close(): Promise<void>;
}

const LEDGER_MS = 2000;
/** What is to be sent at the end has so long. */
const CLOSE_MS = 2000;

export async function openTelemetry(options: {
  readonly version: string;
  readonly clock: Clock;
  /** A ledger that does not answer within this is left out of what a look at the metrics shows. Default: 2,000 milliseconds. */
  readonly ledgerMs?: number;
  /** Where metrics and traces are sent. Default: nowhere. */
  readonly otlp?: OtlpSettings | undefined;
  /** Told what of that does not work. */
  readonly warn: (text: string) => void;
}): Promise<Telemetry> {
  const { version, clock, ledgerMs = LEDGER_MS, otlp: settings, warn } = options;
  const now = (): number => clock.now();
  const closing = new AbortController();
  const said = { "service.name": "landfall", ...settings?.resource, "service.version": version };
  const resource = resourceFromAttributes(said);
  const otlp =
    settings &&
    (await import("./open-otlp.ts")).openOtlp({
      settings,
      resource,
      version,
      clock,
      warn,
      closing: closing.signal,
    });
  const states = pipelineStates();
  // Asked by our own server; it listens to nothing itself.
  const asked = new PrometheusExporter({ preventServerStart: true });
  asked.selectAggregationTemporality = temporalityOf;
  // A provider for each reader: one of two of the same would keep for the other what it collects, without end while nobody asks that one.
  const meters = [asked, ...(otlp?.reader ? [otlp.reader] : [])].map(
    (reader: IMetricReader) => new MeterProvider({ resource, readers: [reader] }),
  );
  const metrics = meters.map((provider) =>
    runMetrics({ meter: provider.getMeter("landfall", version), states, version, now, ledgerMs }),
  );
  const traces = otlp?.tracer && batchTraces({ tracer: otlp.tracer, now });
  const serializer = new PrometheusSerializer("", false, undefined, true, true);
  return {
    states,
    listen(pipeline) {
      const listeners = [states, ...metrics, ...(traces ? [traces] : [])].map((one) => one.listen(pipeline));
      return {
        opened: (looks) => listeners.forEach((one) => one.opened(looks)),
        emit: (event) => listeners.forEach((one) => one.emit(event)),
        ended: (error) => listeners.forEach((one) => one.ended(error)),
      };
    },
    async metricsText() {
      const { resourceMetrics } = await asked.collect();
      return serializer.serialize(resourceMetrics);
    },
    async close() {
      const late = setTimeout(() => closing.abort(new Error("the program ends")), CLOSE_MS);
      await Promise.allSettled([otlp?.shutdown(), ...meters.map((provider) => provider.shutdown())]);
      clearTimeout(late);
    },
  };
}
