/**
 * Metrics and traces of the runs of this process, by OpenTelemetry. Loaded only where somebody asked for them. Nothing global is set: two
 * in one process do not know of each other.
 */
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, type IMetricReader } from "@opentelemetry/sdk-metrics";
import type { Clock } from "../base/clock.ts";
import type { RunListener } from "./listener.ts";
import { pipelineStates, type PipelineStates } from "./pipeline-states.ts";
import { runMetrics } from "./run-metrics.ts";

export interface Telemetry {
  readonly states: PipelineStates;
  /** For one pipeline; `name`: as declared, where it is. */
  listen(name: string | undefined): RunListener;
  /** All metrics in Prometheus' text format. */
  metricsText(): Promise<string>;
  /** Sends what is left, for at most two seconds. */
  close(): Promise<void>;
}

const LEDGER_MS = 2000;

export function openTelemetry(options: {
  readonly version: string;
  readonly clock: Clock;
  /** A ledger that does not answer within this is left out of what a look at the metrics shows. Default: 2,000 milliseconds. */
  readonly ledgerMs?: number;
}): Telemetry {
  const { version, clock, ledgerMs = LEDGER_MS } = options;
  const states = pipelineStates();
  // Asked by our own server; it listens to nothing itself.
  const asked = new PrometheusExporter({ preventServerStart: true });
  const readers: IMetricReader[] = [asked];
  const resource = resourceFromAttributes({ "service.name": "landfall", "service.version": version });
  const meters = new MeterProvider({ resource, readers });
  const meter = meters.getMeter("landfall", version);
  const metrics = runMetrics({ meter, states, version, now: () => clock.now(), ledgerMs });
  const serializer = new PrometheusSerializer("", false, undefined, true, true);
  return {
    states,
    listen(name) {
      const listeners = [states.listen(name), metrics.listen(name)];
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
    close: () => meters.shutdown(),
  };
}
