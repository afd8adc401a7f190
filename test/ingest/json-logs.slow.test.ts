/** `--log-format json`, through the command line: every line of stderr is one documented object. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LOG_EVENTS, LOG_FIELDS, type LoggedEvent } from "../../src/telemetry/log-events.ts";
import { runLandfall, type CommandResult } from "../support/run-landfall.ts";
import { land } from "../support/small-pipeline.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

type Line = Readonly<Record<string, unknown>> & { readonly event: string; readonly message: string };

const ALWAYS = ["schemaVersion", "at", "level", "event", "pipeline", "message"];
const OF_ERRORS = ["code", "hint", "retryable", "table", "file", "batch", "version", "stack"];

/** Every line of stderr, each held against the tables that the reference page is made of. */
function linesOf({ stderr }: CommandResult): Line[] {
  const lines = stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
  for (const line of lines) {
    assert.equal(line["schemaVersion"], 1);
    assert.match(String(line["at"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const entry = LOG_EVENTS[line.event as LoggedEvent["type"]] as
      | { readonly level: string; readonly fields: object }
      | undefined;
    const known = entry === undefined ? OF_ERRORS : Object.keys(entry.fields);
    if (entry === undefined) assert.ok(["error", "notice"].includes(line.event), line.event);
    else assert.equal(line["level"], entry.level);
    for (const name of Object.keys(line)) {
      if (ALWAYS.includes(name)) continue;
      assert.ok(known.includes(name), `${line.event} has ${name}`);
      assert.ok(name in LOG_FIELDS || OF_ERRORS.includes(name), name);
    }
  }
  return lines;
}

function eventsOf(lines: readonly Line[]): string[] {
  return lines.map(({ event }) => event);
}

test("a run tells each of its events on a line of its own, with files by the names that people are shown", async (t) => {
  const folder = temporaryFolder(t);
  land(join(folder, "in"), {
    "a.json": '{"id":1}\n{"id":2}\n',
    "d é\n.json": Buffer.from([0x1f, 0x8b, 1, 1]),
  });
  const run = await runLandfall(["ingest", "in", "table", "--log-format", "json", "--json"], { cwd: folder });
  assert.equal(run.code, 1);
  const lines = linesOf(run);
  assert.deepEqual(eventsOf(lines), [
    "run.started",
    "listing.done",
    "batch.planned",
    "batch.staged",
    "arrival.quarantined",
    "batch.committed",
    "round.done",
    "notice",
  ]);
  assert.match(lines.at(-1)!.message, /^exit code 1: done, but something needs a person/);
  const names = new Set(lines.slice(0, -1).map((line) => line["pipeline"]));
  assert.deepEqual([...names], [(JSON.parse(run.stdout) as { pipeline: string }).pipeline]);
  const ids = new Set(lines.flatMap((line) => line["batchId"] ?? []));
  assert.equal(ids.size, 1, "all lines of the batch name its one id");
  const committed = lines.find(({ event }) => event === "batch.committed")!;
  assert.deepEqual([committed["batch"], committed["version"]], [1, 0]);
  assert.equal((committed["counts"] as { rowsWritten: number }).rowsWritten, 2);
  const bad = lines.find(({ event }) => event === "arrival.quarantined")!;
  assert.equal(bad["file"], "d%20%C3%A9%0A.json");
});

test("the environment asks for it too, a second run is quiet, and a flag stands over the variable", async (t) => {
  const folder = temporaryFolder(t);
  land(join(folder, "in"), { "a.json": '{"id":1}\n' });
  const env = { LANDFALL_LOG_FORMAT: "json" };
  await runLandfall(["ingest", "in", "table"], { cwd: folder, env });
  const again = await runLandfall(["ingest", "in", "table"], { cwd: folder, env });
  assert.deepEqual(eventsOf(linesOf(again)), ["run.started", "listing.done"]);
  const text = await runLandfall(["ingest", "in", "table", "--log-format", "text"], { cwd: folder, env });
  assert.equal(text.stderr, "");
});

test("errors are lines as well, with code, hint and whether to try again, and without secrets", async (t) => {
  const folder = temporaryFolder(t);
  const asked = ["--log-format", "json"];
  const missing = await runLandfall(["ingest", "https://me:hunter2@host/in?sig=abc", "table", ...asked], {
    cwd: folder,
  });
  const [line] = linesOf(missing);
  assert.equal(line!.event, "error");
  assert.ok(String(line!["code"]).length > 0 && String(line!["hint"]).length > 0);
  assert.equal(typeof line!["retryable"], "boolean");
  assert.ok(!missing.stderr.includes("hunter2") && !missing.stderr.includes("sig=abc"), missing.stderr);
  const usage = await runLandfall(["ingest", "--log-format=json", "--nonsense"], { cwd: folder });
  assert.equal(usage.code, 2);
  assert.equal(linesOf(usage)[0]!["code"], "USAGE");
});

test("of several pipelines the one that fails is named, and what a module prints stays a line", async (t) => {
  const folder = temporaryFolder(t);
  land(join(folder, "in"), { "a.json": '{"id":1}\n' });
  writeFileSync(
    join(folder, "loud.ts"),
    'export const columns = "id BIGINT";\nexport default ({ columns: { id } }) => { console.log("said"); return { id }; };\n',
  );
  const declared = (name: string, source: string): string =>
    `pipeline: ${name}\nsource: { location: ${source} }\ntable: { location: t-${name} }\n`;
  writeFileSync(join(folder, "loud.yaml"), `${declared("loud", "in")}transform: loud.ts\n`);
  writeFileSync(join(folder, "lost.yaml"), declared("lost", "nowhere"));
  const run = await runLandfall(["run", "lost.yaml", "loud.yaml", "--log-format", "json"], { cwd: folder });
  assert.equal(run.code, 3);
  const lines = linesOf(run);
  const error = lines.find(({ event }) => event === "error")!;
  assert.deepEqual([error["pipeline"], error["code"]], ["lost", "SOURCE_MISSING"]);
  const said = lines.find(({ event }) => event === "engine.output")!;
  assert.deepEqual([said["pipeline"], said.message], ["loud", "loud.ts: said"]);
  assert.ok(eventsOf(lines).includes("batch.committed"));
});
