/** The reference page of `--log-format json`, from the tables in src/telemetry/log-events.ts. */
import { LOG_EVENTS, LOG_FIELDS } from "../src/telemetry/log-events.ts";
import { table } from "./declaration-page.ts";

const HEAD = `# Logs in JSON

<!-- Generated from src/telemetry/log-events.ts by \`node tools/docs.ts\`; change it there. -->

With \`--log-format json\` (or \`LANDFALL_LOG_FORMAT=json\`) \`ingest\` and \`run\` write one JSON object a line on stderr for each event of a run, in
place of the progress line and all other text. stdout is as it is without: the summary, or with \`--json\` its document.

\`\`\`
{"schemaVersion":1,"at":"2026-11-22T03:03:53.357Z","level":"info","event":"batch.committed","pipeline":"telemetry","message":"batch 7 is version 6","batch":7,"version":6,…}
\`\`\`

Under \`schemaVersion: 1\` lines may get fields and events; none goes away or changes its meaning. A field whose value is not known is absent. Keys in
URLs, signatures of presigned ones and tokens are replaced by \`REDACTED\`. The events are those that the [library](../guide/library.md) gives, but for progress.

`;

const COMMON: readonly (readonly string[])[] = [
  ["`schemaVersion`", "1"],
  ["`at`", "the instant, ISO 8601 in UTC with milliseconds"],
  ["`level`", "`info`; `warn`: worth a look; `error`: needs a person, or stopped something"],
  ["`event`", "one of the below"],
  ["`pipeline`", "the pipeline's name; absent where it is about none, or before its name is known"],
  ["`message`", "the event in a sentence, for people; programs read the other fields"],
];

const OTHERS: readonly (readonly string[])[] = [
  [
    "`error`",
    "error",
    "what ended a run, or the command; `message`, and as the error says `code`, `hint`, `retryable`, `table`, `file`, `batch`, `version`, for faults of Landfall `stack`",
    "",
  ],
  [
    "`notice`",
    "info",
    "a sentence that is about no run: when a pipeline reads, that it stops, that a declaration has changed",
    "",
  ],
];

export function logsPage(): string {
  const events = Object.entries(LOG_EVENTS).map(([name, { level, meaning, fields }]) => [
    `\`${name}\``,
    level,
    meaning,
    Object.keys(fields).map(code).join(", "),
  ]);
  const fields = Object.entries(LOG_FIELDS).map(([name, meaning]) => [code(name), meaning]);
  return [
    HEAD,
    "## Every line\n\n",
    table(["field", "value"], COMMON),
    "\n## Events\n\n",
    table(["event", "level", "when", "fields"], [...events, ...OTHERS]),
    "\n## Fields\n\n",
    table(["field", "value"], fields),
  ].join("");
}

function code(name: string): string {
  return `\`${name}\``;
}
