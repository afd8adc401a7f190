/** The instruments of a meter, one for each metric that is defined. */
import type { Counter, Histogram, Meter, ObservableGauge } from "@opentelemetry/api";
import { DURATION_BUCKETS, METRICS, type MetricDefinition, type MetricName } from "./metric-definitions.ts";

export interface Instruments {
  readonly counters: ReadonlyMap<MetricName, Counter>;
  readonly gauges: ReadonlyMap<MetricName, ObservableGauge>;
  readonly histograms: ReadonlyMap<MetricName, Histogram>;
}

export function meterInstruments(meter: Meter): Instruments {
  const counters = new Map<MetricName, Counter>();
  const gauges = new Map<MetricName, ObservableGauge>();
  const histograms = new Map<MetricName, Histogram>();
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const { kind, unit, meaning }: MetricDefinition = METRICS[name];
    // For people who read it as it stands, not as Markdown.
    const said = { description: meaning.replaceAll("`", ""), ...(unit === undefined ? {} : { unit }) };
    if (kind === "counter") counters.set(name, meter.createCounter(name, said));
    else if (kind === "gauge") gauges.set(name, meter.createObservableGauge(name, said));
    else {
      const advice = { explicitBucketBoundaries: [...DURATION_BUCKETS] };
      histograms.set(name, meter.createHistogram(name, { ...said, advice }));
    }
  }
  return { counters, gauges, histograms };
}
