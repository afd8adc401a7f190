/** What is needed to send metrics and traces by OTLP. Loaded only where the environment asks for it. */
import type { Tracer } from "@opentelemetry/api";
import {
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from "@opentelemetry/otlp-transformer";
import type { Resource } from "@opentelemetry/resources";
import { PeriodicExportingMetricReader, type IMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Clock } from "../base/clock.ts";
import { otlpExporter } from "./otlp-exporter.ts";
import type { OtlpSettings, OtlpTarget } from "./otlp-settings.ts";
import { temporalityOf } from "./temporality-of.ts";

export interface Otlp {
  /** For the meters' provider, which closes it. */
  readonly reader: IMetricReader | undefined;
  readonly tracer: Tracer | undefined;
  /** Sends the spans that are left. */
  shutdown(): Promise<void>;
}

export function openOtlp(options: {
  readonly settings: OtlpSettings;
  readonly resource: Resource;
  readonly version: string;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
  /** Aborted when nothing is to be waited for any more. */
  readonly closing: AbortSignal;
}): Otlp {
  const { settings, resource, version, clock, warn, closing } = options;
  const { metrics, traces } = settings;
  const common = { clock, warn, closing };
  const provider =
    traces &&
    new TracerProvider({
      resource,
      spanProcessors: [
        new BatchSpanProcessor({ exporter: otlpExporter({ ...common, ...spanTarget(traces) }) }),
      ],
    });
  const reader =
    metrics &&
    new PeriodicExportingMetricReader({
      exporter: {
        ...otlpExporter({ ...common, ...metricTarget(metrics) }),
        selectAggregationTemporality: temporalityOf,
      },
      exportIntervalMillis: metrics.everyMs,
      exportTimeoutMillis: Math.min(metrics.everyMs, metrics.timeoutMs * 3),
    });
  return {
    reader,
    tracer: provider?.getTracer("landfall", version),
    shutdown: async () => provider?.shutdown(),
  };
}

function spanTarget(target: OtlpTarget): { target: OtlpTarget; serializer: typeof JsonTraceSerializer } {
  return {
    target,
    serializer: target.protocol === "http/json" ? JsonTraceSerializer : ProtobufTraceSerializer,
  };
}

function metricTarget(target: OtlpTarget): { target: OtlpTarget; serializer: typeof JsonMetricsSerializer } {
  return {
    target,
    serializer: target.protocol === "http/json" ? JsonMetricsSerializer : ProtobufMetricsSerializer,
  };
}
