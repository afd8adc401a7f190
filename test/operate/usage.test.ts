/** Arguments that cannot be: an error like any other, with a code, what is near, and as JSON where that is asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runLandfall } from "../support/run-landfall.ts";

const CASES: readonly (readonly [args: readonly string[], message: string, hint: string])[] = [
  [["frob"], "Unknown command 'frob'.", "`landfall --help` shows what there is."],
  [["stats"], "Unknown command 'stats'.", "Did you mean status? `landfall --help` shows what there is."],
  [["ingest"], "Missing required argument 'source'.", "`landfall ingest --help` shows what there is."],
  [
    ["ingest", "a", "b", "--csv-seperator", ";"],
    "Unknown option '--csv-seperator'.",
    "Did you mean --csv-sep? `landfall ingest --help` shows what there is.",
  ],
  [
    ["ingest", "a", "b", "--delimiter", ";"],
    "Unknown option '--delimiter'.",
    "Did you mean --csv-sep? `landfall ingest --help` shows what there is.",
  ],
  [
    ["table", "show", "--jsno"],
    "Unknown option '--jsno'.",
    "Did you mean --json? `landfall table show --help` shows what there is.",
  ],
  [
    ["ingest", ".", "b", "--watch", "--every", "30s"],
    "--watch and --every each say when the pipeline runs.",
    "Say one of them.",
  ],
  [
    ["ingest", ".", "b", "--trigger", "every=5s", "--once"],
    "--trigger and --once each say when the pipeline runs.",
    "Say one of them.",
  ],
];

for (const [args, message, hint] of CASES) {
  test(`landfall ${args.join(" ")}: ${message}`, async () => {
    const { code, stdout, stderr } = await runLandfall([...args, "--json"]);
    assert.equal(code, 2);
    assert.match(stderr, /^error USAGE {2}/);
    const { error } = JSON.parse(stdout) as { error: Record<string, unknown> };
    assert.deepEqual(
      [error["code"], error["message"], error["hint"], error["retryable"]],
      ["USAGE", message, hint, false],
    );
  });
}
