/** A pipeline that watches while a bad writer writes, and what must be true of its table at rest. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import type { Written } from "./bad-writer.ts";
import { LANDFALL_BIN, runLandfall } from "./run-landfall.ts";
import { tableQueries } from "./table-queries.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const query = tableQueries();

interface ListedFile {
  readonly key: string;
  readonly state: string;
  readonly rule?: string;
}

/** `rounds` of each of the writers, and a crowd of so many files. The seed is printed, and may be given: LANDFALL_SEED. */
export async function judgeBadWriter(
  t: TestContext,
  { rounds, crowd }: { readonly rounds: number; readonly crowd: number },
): Promise<void> {
  const folder = temporaryFolder(t);
  const source = join(folder, "in");
  const table = join(folder, "table");
  mkdirSync(source);
  const seed = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const watching = await watch(t, source, table);
  const written = await letWrite(t, [source, String(seed), String(rounds), String(crowd)]);
  t.diagnostic(`${written.filesPerSecond} files a second; ${written.unfinished.length} not to be judged`);
  await watching.stop();

  // What was too young then, or still being read; a second time nothing is left.
  for (const _time of ["first", "second"]) {
    const last = await runLandfall(["ingest", source, table]);
    assert.ok(last.code === 0 || last.code === 1, last.stderr);
  }
  await judgeRows(table, written);
  await judgeFiles(table);
  const verified = await runLandfall(["verify", table, "--data"]);
  assert.equal(verified.code, 0, verified.stdout);
}

async function watch(
  t: TestContext,
  source: string,
  table: string,
): Promise<{ readonly stop: () => Promise<void> }> {
  const child = spawn(process.execPath, [LANDFALL_BIN, "ingest", source, table, "--watch"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "exit");
  t.after(() => child.kill("SIGKILL"));
  child.stdout.resume();
  let said = "";
  child.stderr.on("data", (chunk) => (said += String(chunk)));
  while (!said.includes("as they arrive")) await once(child.stderr, "data");
  return {
    async stop() {
      child.kill("SIGINT");
      assert.equal((await exit)[0], 130, said);
      assert.doesNotMatch(said, /error/);
    },
  };
}

async function letWrite(t: TestContext, args: readonly string[]): Promise<Written> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "bad-writer.ts"), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const exit = once(child, "exit");
  const said = await text(child.stdout);
  assert.equal((await exit)[0], 0);
  return JSON.parse(said) as Written;
}

/** Each file once, whole, as it was at one time; nothing twice, nothing missing. */
async function judgeRows(table: string, { files, unfinished }: Written): Promise<void> {
  const left = new Set(unfinished);
  assert.ok(left.size < files.length, "nothing could be judged");
  const twice = await query(
    table,
    "SELECT file, state, n FROM t GROUP BY file, state, n HAVING count(*) > 1 LIMIT 5",
  );
  assert.deepEqual(twice, []);
  const mixed = await query(
    table,
    `SELECT file FROM t GROUP BY file HAVING count(DISTINCT state) <> 1 OR count(*) <> max("of") OR count(DISTINCT n) <> max("of")`,
  );
  const wrong = mixed.map(([file]) => String(file)).filter((file) => !left.has(file));
  assert.deepEqual(wrong, []);
  const all = await runLandfall([
    "table",
    "query",
    table,
    "SELECT DISTINCT file FROM t",
    "--json",
    "--limit",
    "1000000",
  ]);
  const found = new Set((JSON.parse(all.stdout) as { rows: string[][] }).rows.map(([file]) => file));
  const missing = files.filter((name) => !found.has(name) && !left.has(name));
  assert.deepEqual(missing, []);
}

/** Every generation that the ledger knows has been read, or is skipped by a rule that says why. */
async function judgeFiles(table: string): Promise<void> {
  const { stdout, code } = await runLandfall(["files", "list", table, "--json", "--limit", "1000000"]);
  assert.equal(code, 0);
  const { files } = JSON.parse(stdout) as { files: readonly ListedFile[] };
  const stated = new Set(["gone", "overwritten", "grown", "touched"]);
  const open = files.filter(
    ({ state, rule = "" }) => state !== "committed" && !(state === "skipped" && stated.has(rule)),
  );
  assert.deepEqual(open, []);
  const committed = files.filter(({ state }) => state === "committed").map(({ key }) => key);
  assert.equal(new Set(committed).size, committed.length, "two contents of one name were read");
  const skipped = files.filter(({ rule = "" }) => rule !== "" && rule !== "gone").map(({ key }) => key);
  const read = new Set(committed);
  assert.deepEqual(
    skipped.filter((key) => !read.has(key)),
    [],
    "skipped because of an earlier content that was not read",
  );
}
