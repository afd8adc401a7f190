/** As `operationMetrics` has them: Spark writes texts. */
export function metricTexts(metrics: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metrics).map(([name, count]) => [name, String(count)]));
}
