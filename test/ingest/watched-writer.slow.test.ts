/** A writer that does everything that writers do, against a pipeline that watches: every file ends in the table once, whole, as it was at one time. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { seededRandom, type Random } from "../../examples/generate/random.ts";
import { LANDFALL_BIN, runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Rows of one state of a file; `of` says how many there must be. */
function rows(file: string, state: number, of: number): string {
  return Array.from({ length: of }, (_, n) => `${JSON.stringify({ file, state, n, of })}\n`).join("");
}

type Habit = (options: {
  readonly path: string;
  readonly name: string;
  readonly random: Random;
  /** A pause in which the file is not finished. */
  readonly pause: (milliseconds: number) => Promise<void>;
}) => Promise<void>;

/** A file that stands unfinished for longer than half a second may be taken for finished: a busy machine makes such pauses. */
const SHORT_MS = 450;

/** Each leaves one file behind, after a second at most of pauses in which it is not finished. */
const HABITS: Readonly<Record<string, Habit>> = {
  async atOnce({ path, name }) {
    writeFileSync(path, rows(name, 1, 3));
  },
  async slowly({ path, name, random, pause }) {
    const lines = rows(name, 1, 20);
    for (let at = 0; at < lines.length; at += 97) {
      appendFileSync(path, lines.slice(at, at + 97));
      await pause(random.between(0, 90, 0));
    }
  },
  async renamed({ path, name, random }) {
    const hidden = join(path, `../.${name}.tmp`);
    writeFileSync(hidden, rows(name, 1, 5));
    await after(random.between(0, 300, 0));
    renameSync(hidden, path);
  },
  async truncated({ path, name, random, pause }) {
    writeFileSync(path, rows(name, 1, 9));
    await after(random.between(0, 1500, 0));
    truncateSync(path);
    await pause(random.between(0, 200, 0));
    writeFileSync(path, rows(name, 2, 4));
  },
  async touched({ path, name, random }) {
    writeFileSync(path, rows(name, 1, 2));
    await after(random.between(0, 2000, 0));
    const now = new Date();
    utimesSync(path, now, now);
  },
  async again({ path, name, random }) {
    writeFileSync(path, rows(name, 1, 6));
    await after(random.between(0, 2000, 0));
    rmSync(path);
    await after(random.between(0, 600, 0));
    writeFileSync(path, rows(name, 2, 7));
  },
  async grown({ path, name, random }) {
    writeFileSync(path, rows(name, 1, 2));
    await after(random.between(0, 2000, 0));
    // Whole lines of another state: what is read of it must not be mixed.
    writeFileSync(path, rows(name, 2, 5));
  },
};

const WRITERS = 6;
const FILES_A_WRITER = 14;
const CROWD = 10_000;

test("whatever a writer does, each file stands in the table once, whole, as it was at one time", async (t) => {
  const folder = temporaryFolder(t);
  const source = join(folder, "in");
  const table = join(folder, "table");
  mkdirSync(source);
  const seed = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const child = spawn(process.execPath, [LANDFALL_BIN, "ingest", source, table, "--watch"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "exit");
  t.after(() => child.kill("SIGKILL"));
  child.stdout.resume();
  let said = "";
  child.stderr.on("data", (chunk) => (said += String(chunk)));
  while (!said.includes("as they arrive")) await once(child.stderr, "data");

  const names = Object.keys(HABITS);
  const unfinished = new Set<string>();
  const written: string[] = [];
  const write = async (writer: number): Promise<void> => {
    const random = seededRandom(seed * WRITERS + writer);
    for (let i = 0; i < FILES_A_WRITER; i++) {
      const habit = names[(i + writer) % names.length]!;
      const name = `${writer}-${i}-${habit}`;
      written.push(name);
      const home = join(source, random.pick(["", `w${writer}`, `w${writer}/deep${i}`]));
      mkdirSync(home, { recursive: true });
      const pause = async (milliseconds: number): Promise<void> => {
        const began = performance.now();
        await after(milliseconds);
        if (performance.now() - began > SHORT_MS) unfinished.add(name);
      };
      await HABITS[habit]!({ path: join(home, `${name}.json`), name, random, pause });
      await after(random.between(0, 120, 0));
    }
  };
  // A crowd in the middle of it, as fast as it can be written.
  const crowd = async (): Promise<void> => {
    await after(1500);
    mkdirSync(join(source, "crowd"));
    for (let i = 0; i < CROWD; i++) {
      writeFileSync(join(source, `crowd/${i}.json`), rows(`crowd-${i}`, 1, 1));
      if (i % 50 === 0) await after(0);
    }
  };
  await Promise.all([...Array.from({ length: WRITERS }, (_, writer) => write(writer)), crowd()]);
  child.kill("SIGINT");
  assert.deepEqual((await exit)[0], 130, said);
  assert.doesNotMatch(said, /error/);

  // What was too young then, or still being read.
  const last = await runLandfall(["ingest", source, table]);
  assert.ok(last.code === 0 || last.code === 1, last.stderr);
  t.diagnostic(`${unfinished.size} files stood unfinished for too long to be judged`);
  assert.ok(unfinished.size < WRITERS * FILES_A_WRITER);
  const sql = `SELECT file, count(DISTINCT state) AS states, count(*) AS found, max("of") AS wanted, count(DISTINCT n) AS apart
    FROM t GROUP BY file HAVING states <> 1 OR found <> wanted OR apart <> wanted`;
  const wrong = (await query(sql)).filter(([file]) => !unfinished.has(file!));
  assert.deepEqual(wrong, []);
  const there = new Set((await query("SELECT DISTINCT file FROM t")).map(([file]) => file));
  const all = [...written, ...Array.from({ length: CROWD }, (_, i) => `crowd-${i}`)];
  assert.deepEqual(
    all.filter((name) => !there.has(name) && !unfinished.has(name)),
    [],
  );
  const verified = await runLandfall(["verify", table, "--data"]);
  assert.equal(verified.code, 0, verified.stdout);

  async function query(text: string): Promise<string[][]> {
    const { stdout, stderr } = await runLandfall([
      "table",
      "query",
      table,
      text,
      "--json",
      "--limit",
      "100000",
    ]);
    assert.equal(stderr, "");
    return (JSON.parse(stdout) as { rows: string[][] }).rows;
  }
});
