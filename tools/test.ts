/**
 * Runs the tests that need nothing but Node: `npm test` all of them, `npm test -- PATH…` some. Suites that need another
 * program or more time (`*.spark.test.ts`, `*.judge.test.ts`, `*.strace.test.ts`, `*.slow.test.ts`) are named as skipped;
 * `npm test -- --only KIND…` runs those of a kind, as `.ci/run` does; `--draw PERCENT KIND…` those that every run of CI must hold, and so
 * many of a hundred of the other files, drawn by a seed that is printed, and that LANDFALL_SEED repeats.
 *
 * With LANDFALL_TEST_COUNTS=FOLDER the counts of the run are written there as a JSON file (tools/count-reporter.ts).
 */
import { spawn } from "node:child_process";
import { chmodSync, globSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { seededRandom } from "../examples/generate/random.ts";
import { buildPackage } from "./build.ts";

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

/**
 * The program as it is published, which starts in two thirds of the time that the sources need: the tests start it some thousand times.
 * For a few files that were named it is not worth its second.
 */
async function builtProgram(): Promise<string | undefined> {
  const given = process.env["LANDFALL_TEST_PROGRAM"];
  if (given !== undefined || (asked.length > 0 && !asked[0]!.startsWith("--"))) return given;
  const folder = mkdtempSync(join(tmpdir(), "landfall-built-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  // Some cases run it as another user.
  chmodSync(folder, 0o755);
  await buildPackage(join(folder, "package"));
  symlinkSync(resolve("node_modules"), join(folder, "package/node_modules"));
  return join(folder, "package/bin/landfall.js");
}

function run(files: readonly string[], program: string | undefined): void {
  const counts = process.env["LANDFALL_TEST_COUNTS"];
  // One process for all files, so that they share one Spark session; elsewhere each file has its own.
  const together = asked[0] === "--only" && files.every((file) => kindOf(file) === "spark");
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      "--test",
      "--test-timeout=240000",
      // Node leaves a core to itself; but most of these wait for other processes, and for disks.
      `--test-concurrency=${availableParallelism() + 1}`,
      ...(together ? ["--test-isolation=none"] : []),
      "--test-reporter=spec",
      "--test-reporter-destination=stdout",
      ...(counts === undefined
        ? []
        : [
            `--test-reporter=${join(import.meta.dirname, "count-reporter.ts")}`,
            `--test-reporter-destination=${join(counts, `${process.pid}.json`)}`,
          ]),
      ...files,
    ],
    {
      stdio: "inherit",
      env: { ...process.env, ...(program === undefined ? {} : { LANDFALL_TEST_PROGRAM: program }) },
    },
  );
  // The terminal tells the tests, too; whoever ends this process alone means them as well. Either way it is they who come to an end first.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 1;
  });
}

const chosen = choose();
// Without a file `node --test` would look for tests on its own.
if (chosen.length === 0) console.log("no such tests");
else run(chosen, await builtProgram());
