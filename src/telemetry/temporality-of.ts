import { AggregationTemporality, InstrumentType } from "@opentelemetry/sdk-metrics";

/** Of a gauge only what this look found is told: the sum over all time would go on telling the last value of what is there no more. */
export function temporalityOf(instrument: InstrumentType): AggregationTemporality {
  return instrument === InstrumentType.OBSERVABLE_GAUGE
    ? AggregationTemporality.DELTA
    : AggregationTemporality.CUMULATIVE;
}
