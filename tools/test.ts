/**
 * Runs the tests that need nothing but Node: `npm test` all of them, `npm test -- PATH…` some. Suites that need another
 * program or more time (`*.spark.test.ts`, `*.judge.test.ts`, `*.strace.test.ts`, `*.slow.test.ts`) are named as skipped;
 * `npm test -- --only KIND…` runs those of a kind, as `.ci/run` does; `--draw PERCENT KIND…` those that every run of CI must hold, and so
 * many of a hundred of the other files, drawn by a seed that is printed, and that LANDFALL_SEED repeats.
 *
 * With LANDFALL_TEST_COUNTS=FOLDER the counts of the run are written there as a JSON file (tools/count-reporter.ts).
 */
import { chmodSync, createWriteStream, globSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { seededRandom } from "../examples/generate/random.ts";
import { buildPackage } from "./build.ts";
import countReporter from "./count-reporter.ts";

const KINDS = ["spark", "judge", "strace", "slow"];
/** Files, and folders of them, that `--draw` never leaves out: the models, fuzz, bad writers, the commands of the
 * documents, the corpora, and writes to any table. */
const NEVER_LEFT_OUT = [
  "test/model/",
  "test/odd-files/fuzz.slow.test.ts",
  "test/hard-cases/damaged-tables.slow.test.ts",
  "test/hard-cases/bad-writer.slow.test.ts",
  "test/docs/snippets.slow.test.ts",
  "src/delta/corpora.slow.test.ts",
  "src/write/",
];
/** Some ten times as long as the others, longest first. */
const LONGEST = [
  "test/ingest/ingest.test.ts",
  "src/engine/child-engine.test.ts",
  "test/model/exactly-once.test.ts",
  "test/operate/planted-faults.test.ts",
  "test/tables/delta-rows.test.ts",
  "test/odd-files/odd-files.test.ts",
  "src/engine/expect/expect.test.ts",
  "src/engine/transform/transform.test.ts",
  "src/engine/duckdb-engine.test.ts",
  "test/library/reach.test.ts",
];
const kindOf = (file: string): string | undefined => KINDS.find((kind) => file.endsWith(`.${kind}.test.ts`));

const asked = process.argv.slice(2);
const found = globSync(
  [
    "src/**/*.test.ts",
    "test/**/*.test.ts",
    "tools/**/*.test.ts",
    "examples/**/*.test.ts",
    "bench/**/*.test.ts",
  ],
  {
    exclude: (name) => name === "node_modules",
  },
).sort();

function choose(): readonly string[] {
  if (asked[0] === "--only") return ofKinds(asked.slice(1));
  if (asked[0] === "--draw") return drawn(ofKinds(asked.slice(2)), Number(asked[1]));
  if (asked.length > 0) return asked;
  for (const file of found.filter((name) => kindOf(name) !== undefined)) {
    console.log(`skipped here, needs another program or more time (run by .ci/run): ${file}`);
  }
  return found.filter((file) => kindOf(file) === undefined);
}

function ofKinds(kinds: readonly string[]): readonly string[] {
  const unknown = kinds.filter((kind) => !KINDS.includes(kind));
  if (unknown.length > 0)
    throw new Error(`no kind of test ${unknown.join(", ")}; there are ${KINDS.join(", ")}`);
  return found.filter((file) => kinds.includes(kindOf(file) ?? ""));
}

function drawn(files: readonly string[], percent: number): readonly string[] {
  if (!(percent > 0 && percent <= 100)) throw new Error(`--draw takes a number up to 100, not ${percent}`);
  const gone = NEVER_LEFT_OUT.filter((place) => !found.some((file) => file.startsWith(place)));
  if (gone.length > 0) throw new Error(`named in ${import.meta.filename}, but not there: ${gone.join(", ")}`);
  const kept = files.filter((file) => NEVER_LEFT_OUT.some((place) => file.startsWith(place)));
  const others = files.filter((file) => !kept.includes(file));
  const seed = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000);
  const random = seededRandom(seed);
  const order = others.map((file) => ({ file, at: random.next() })).sort((left, right) => left.at - right.at);
  const chosen = order.slice(0, Math.ceil((others.length * percent) / 100)).map(({ file }) => file);
  console.log(
    `${kept.length} files that are never left out, ${chosen.length} of ${others.length} others, drawn with seed ${seed}`,
  );
  for (const file of others.filter((name) => !chosen.includes(name))) console.log(`not drawn: ${file}`);
  return [...kept, ...chosen].sort();
}

/** A folder for what this run makes for all its files, gone when it ends. Some cases read there as another user. */
function runFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "landfall-tests-"));
  chmodSync(folder, 0o755);
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The program as it is published, which starts in two thirds of the time that the sources need: the tests start it some thousand times. */
async function builtProgram(folder: string): Promise<string> {
  await buildPackage(join(folder, "package"));
  symlinkSync(resolve("node_modules"), join(folder, "package/node_modules"));
  return join(folder, "package/bin/landfall.js");
}

/**
 * What makes the starts of some thousand processes and threads cheaper: the built program, and what Node compiled, types taken off, which
 * the first one leaves for all others. For a few files that were named neither is worth its second.
 */
async function prepare(): Promise<void> {
  if (asked.length > 0 && !asked[0]!.startsWith("--")) return;
  const folder = runFolder();
  process.env["NODE_COMPILE_CACHE"] ??= join(folder, "compiled");
  process.env["LANDFALL_TEST_PROGRAM"] ??= await builtProgram(folder);
}

/** Those that take longest first: one that began last would run alone, with one core idle. */
function longestFirst(files: readonly string[]): string[] {
  const gone = LONGEST.filter((file) => !found.includes(file));
  if (gone.length > 0) throw new Error(`named in ${import.meta.filename}, but not there: ${gone.join(", ")}`);
  return [
    ...LONGEST.filter((file) => files.includes(file)),
    ...files.filter((file) => !LONGEST.includes(file)),
  ];
}

function runTests(files: readonly string[]): void {
  const counts = process.env["LANDFALL_TEST_COUNTS"];
  // One process for all files, so that they share one Spark session; elsewhere each file has its own.
  const together = asked[0] === "--only" && files.every((file) => kindOf(file) === "spark");
  // Whoever ends this process means the tests as well, and they come to an end first. The terminal tells them, too.
  const ended = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => ended.abort());
  const results = run({
    files: longestFirst(files),
    timeout: 240_000,
    signal: ended.signal,
    ...(together
      ? { isolation: "none" }
      : {
          // Node leaves a core to itself; but most of these wait for other processes, and for disks.
          concurrency: availableParallelism() + 1,
          execArgv: ["--disable-warning=ExperimentalWarning"],
        }),
  });
  results.on("test:summary", ({ success }) => {
    if (!success) process.exitCode = 1;
  });
  results.compose(spec).pipe(process.stdout);
  if (counts !== undefined)
    results.compose(countReporter).pipe(createWriteStream(join(counts, `${process.pid}.json`)));
}

const chosen = choose();
// Without a file `node --test` would look for tests on its own.
if (chosen.length === 0) console.log("no such tests");
else {
  await prepare();
  runTests(chosen);
}
