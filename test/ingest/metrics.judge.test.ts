/** promtool, Prometheus' own reader, looks at the metrics of runs that had something of everything. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { METRICS } from "../../src/telemetry/metric-definitions.ts";
import { judgesFolder } from "../support/judges-folder.ts";
import { LANDFALL_BIN } from "../support/run-landfall.ts";
import { land } from "../support/small-pipeline.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const installed = join(judgesFolder(), "prometheus/promtool");
const promtool = existsSync(installed) ? installed : "promtool";
const isThere = spawnSync(promtool, ["--version"]).status === 0;
const skip = !isThere && process.env["CI"] !== "true" && "no promtool here: run tools/judges/install.sh";

test("promtool finds nothing to say against the metrics of two pipelines", { skip }, async (t) => {
  const folder = temporaryFolder(t);
  land(join(folder, "one"), {
    "a.json": '{"id":1}\n{"id":2}\n{broken\n',
    "b.json": Buffer.from([0x1f, 0x8b, 1, 1]),
  });
  land(join(folder, "two"), { "a.csv": "id\n1\n" });
  for (const name of ["one", "two"]) {
    const declared = `pipeline: ${name}\nsource: { location: ${name} }\ntable: { location: t-${name} }\narchive: { to: a-${name} }\ntrigger: { every: 1h }\n`;
    writeFileSync(join(folder, `${name}.yaml`), declared);
  }
  const child = spawn(process.execPath, [LANDFALL_BIN, "run", "one.yaml", "two.yaml", "--metrics", "0"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "exit");
  t.after(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  const [line] = (await once(createInterface({ input: child.stderr }), "line")) as [string];
  const url = /http:\/\/\S+/.exec(line)![0];
  const told = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  for (const rounds = new Set<string>(); rounds.size < 2;) {
    const name = / {2}(one|two) {2}version 0/.exec((await told.next()).value as string)?.[1];
    if (name !== undefined) rounds.add(name);
  }
  const text = await (await fetch(url)).text();
  const lines = text.split("\n");
  for (const line of [
    'landfall_rows_rejected_total{pipeline="one"} 1',
    'landfall_files_total{pipeline="one",outcome="quarantined"} 1',
    'landfall_files_tidied_total{pipeline="one",outcome="archived"} 1',
    'landfall_rows_written_total{pipeline="two"} 1',
    'landfall_batch_duration_seconds_bucket{pipeline="two",le="+Inf"} 1',
  ])
    assert.ok(lines.includes(line), line);
  const check = spawnSync(promtool, ["check", "metrics"], { input: text, encoding: "utf8" });
  assert.deepEqual([check.status, check.stdout + check.stderr], [0, ""]);
  child.kill("SIGINT");
  assert.deepEqual(await exit, [130, null]);
});

test("promtool reads what the guide says to write into Prometheus' files", { skip }, (t) => {
  const folder = temporaryFolder(t);
  const guide = readFileSync(join(import.meta.dirname, "../../docs/guide/watching-it-run.md"), "utf8");
  const blocks = [...guide.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text!);
  for (const [kind, begins] of [
    ["rules", "groups:"],
    ["config", "scrape_configs:"],
  ] as const) {
    const file = join(folder, `${kind}.yaml`);
    writeFileSync(file, blocks.find((text) => text.startsWith(begins)) ?? assert.fail(begins));
    const check = spawnSync(promtool, ["check", kind, file], { encoding: "utf8" });
    assert.equal(check.status, 0, check.stdout + check.stderr);
  }
  const named = guide.match(/\blandfall_[a-z_]+/g) ?? [];
  for (const name of named) assert.ok(name in METRICS, name);
});
