/** The reference page of `--metrics`, from src/telemetry/metric-definitions.ts. */
import { DURATION_BUCKETS, METRICS, type MetricDefinition } from "../src/telemetry/metric-definitions.ts";
import { table } from "./declaration-page.ts";

const HEAD = `# Metrics

<!-- Generated from src/telemetry/metric-definitions.ts by \`node tools/docs.ts\`; change it there. -->

\`--metrics [HOST:]PORT\` of \`ingest\` and \`run\` (or \`LANDFALL_METRICS\`) serves them while the process runs, for all its pipelines together. Without a host it
listens on 127.0.0.1 only; another address must be named (\`0.0.0.0:9464\`), and nothing asks for a password there.
Unless it listens for everybody, a request whose \`Host\` is neither this machine nor that address is refused (421): a page in a browser could have made it.

`;

const PATHS: readonly (readonly string[])[] = [
  ["`/metrics`", "the metrics below, in Prometheus' text format"],
  [
    "`/livez`",
    "200 while the process turns and each open ledger answers; else 503 with a line for each that does not",
  ],
  [
    "`/readyz`",
    "200 while each pipeline is held and its last round did not fail; else 503 with a line for each of which that is not so",
  ],
];

const BELOW = `
Counters count from the start of the process. Every metric has the label \`pipeline\`, but \`landfall_build_info\`; no label holds the name of a file. The same
metrics are sent by [OpenTelemetry](../guide/watching-it-run.md), under the same names.

`;

const UNITS = { s: "seconds", By: "bytes" } as const;

export function metricsPage(): string {
  const rows = Object.entries<MetricDefinition>(METRICS).map(
    ([name, { kind, unit, meaning, labels = {} }]) => [
      `\`${name}\``,
      kind,
      unit === undefined ? "" : UNITS[unit],
      Object.entries(labels)
        .map(([label, values]) => `\`${label}\`: ${values}`)
        .join("; "),
      meaning,
    ],
  );
  return [
    HEAD,
    table(["path", "answers"], PATHS),
    BELOW,
    table(["name", "type", "unit", "labels", "meaning"], rows),
    `\nThe histograms have buckets up to ${DURATION_BUCKETS.join(", ")} seconds. The stages of a batch are those of [\`stages\`](json-output.md).\n`,
  ].join("");
}
