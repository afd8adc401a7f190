import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { seededRandom } from "../examples/generate/random.ts";
import { commitCosts } from "./commits.ts";
import { knownKey } from "./known-files.ts";
import { measureProcess, peakOfStatus, samplePeaks } from "./measure-process.ts";
import { median, race } from "./race.ts";
import { telemetryRow } from "./telemetry.ts";

test("the median is the middle value, or the mean of the two in the middle; of nothing there is none", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([10, 9]), 9.5);
  assert.throws(() => median([]), RangeError);
});

test("contenders run in turn, and a check that fails ends the race", async () => {
  const order: string[] = [];
  const contender = (name: string): Parameters<typeof race>[0][number] => ({
    name,
    command: { program: process.execPath, args: ["-e", `console.log(${JSON.stringify(name)})`] },
    check: (run) => {
      order.push(run.stdout.trim());
      if (order.length === 4) throw new Error("wrong");
    },
  });
  const options = { repeat: 3, log: () => {}, between: () => {} };
  await assert.rejects(race([contender("a"), contender("b")], options), /wrong/);
  assert.deepEqual(order, ["a", "b", "a", "b"]);
});

test("a process's exit code and what it wrote are told", async () => {
  const script = 'console.log("done"); console.error("warned"); process.exitCode = 3';
  const run = await measureProcess({ program: process.execPath, args: ["-e", script] });
  assert.deepEqual([run.code, run.stdout, run.stderr], [3, "done\n", "warned\n"]);
});

test(
  "peaks are those of the process and of its children",
  { skip: process.platform === "linux" ? false : "needs /proc" },
  async (t) => {
    const untilTold = "process.stdin.resume()";
    const script = `const child = require("node:child_process").spawn(process.execPath, ["-e", "${untilTold}"], { stdio: "inherit" });
      child.on("spawn", () => console.log(child.pid)); ${untilTold}`;
    const outer = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] });
    t.after(() => outer.kill());
    const [told] = (await once(outer.stdout, "data")) as [Buffer];
    const peaks = new Map<number, number>();
    samplePeaks(outer.pid!, peaks);
    assert.deepEqual([...peaks.keys()], [outer.pid, Number(told.toString())]);
    assert.ok(peaks.get(outer.pid!)! > 20e6);
    outer.stdin.end();
    await once(outer, "close");
    const later = new Map<number, number>();
    samplePeaks(outer.pid!, later);
    assert.equal(later.size, 0);
  },
);

test("a process that cannot be started is an error", async () => {
  await assert.rejects(measureProcess({ program: "/no/such/program", args: [] }), /ENOENT/);
});

test("the peak of a status is its VmHWM in bytes; a process that has ended has none", () => {
  assert.equal(peakOfStatus("Name:\tnode\nVmPeak:\t  999 kB\nVmHWM:\t  1024 kB\n"), 1024 ** 2);
  assert.equal(peakOfStatus("Name:\tnode\nState:\tZ (zombie)\n"), undefined);
});

test("a commit costs from staged to settled with its checkpoint, and the last tenth is set against the first", () => {
  const times = Array.from({ length: 20 }, (_, i) => ({
    staged: i * 100,
    settled: i * 100 + (i < 2 ? 10 : i < 18 ? 15 : 20),
    checkpoint: i === 19 ? 8 : 0,
  }));
  const costs = commitCosts(times);
  assert.equal(costs.mean, (2 * 10 + 16 * 15 + 2 * 20 + 8) / 20);
  assert.equal(costs.growth, 24 / 10);
  assert.equal(costs.batch, (1920 - 10) / 19);
});

test("keys of known files have 60 bytes and differ", () => {
  const ordinals = [0, 999, 1000, 999_999];
  const keys = ordinals.flatMap((ordinal) => [knownKey(ordinal, "known"), knownKey(ordinal, "later")]);
  assert.deepEqual([...new Set(keys.map((key) => Buffer.byteLength(key)))], [60]);
  assert.equal(new Set(keys).size, keys.length);
});

test("what the peers are given names the generator's columns, all of them, in order", () => {
  const columns = Object.keys(JSON.parse(telemetryRow(seededRandom(1), 0)) as object);
  const python = readFileSync(new URL("peers/telemetry_schema.py", import.meta.url), "utf8");
  const arrow = [...python.matchAll(/^ {8}\("(\w+)"/gm)].map((match) => match[1]);
  const ddl = python.slice(python.indexOf("DDL")).replaceAll(/<[^>]*>/g, "");
  const spark = [...ddl.matchAll(/(\w+) (?:STRING|TIMESTAMP|DOUBLE|BOOLEAN|STRUCT|ARRAY|BIGINT)\b/g)].map(
    (match) => match[1],
  );
  const script = readFileSync(new URL("peers/duckdb-append.ts", import.meta.url), "utf8");
  const literal = script.slice(script.indexOf("COLUMNS"), script.indexOf("`;"));
  const duckdb = [...literal.matchAll(/"?(\w+)"?: '/g)].map((match) => match[1]);
  assert.deepEqual({ arrow, spark, duckdb }, { arrow: columns, spark: columns, duckdb: columns });
});
