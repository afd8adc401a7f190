/** `files retry` and `files forget` as a person types them, over small real pipelines; also killed in the middle and held by another. */
import assert from "node:assert/strict";
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { acquireLease } from "../../src/ledger/lock.ts";
import { place, type Place } from "../support/hard-case.ts";
import { runLandfall, type CommandResult } from "../support/run-landfall.ts";
import { tableQueries } from "../support/table-queries.ts";
import { land } from "../support/small-pipeline.ts";

const query = tableQueries();

interface Listed {
  readonly key: string;
  readonly state: string;
  readonly rule?: string;
}

interface World extends Place {
  landfall(...argv: readonly string[]): Promise<CommandResult>;
  run(): Promise<CommandResult>;
  states(): Promise<Record<string, string>>;
  ids(): Promise<string[]>;
  proved(): Promise<void>;
}

const DEAD = Buffer.from([0x1f, 0x8b, 1, 1]);

/** One run: a.json and sub/b.json are committed, dead.json and `sub/odd[1].json` quarantined. */
async function world(t: TestContext): Promise<World> {
  const where = place(t);
  const { source, table, folder } = where;
  const landfall = (...argv: readonly string[]): Promise<CommandResult> => runLandfall(argv, { cwd: folder });
  const self: World = {
    ...where,
    landfall,
    run: () => landfall("ingest", source, table, "--pipeline", "p"),
    async states() {
      const { stdout } = await landfall("files", "list", table, "--json");
      const { files } = JSON.parse(stdout) as { files: Listed[] };
      return Object.fromEntries(
        files.map(({ key, state, rule }) => [key, rule === undefined ? state : `${state}(${rule})`]),
      );
    },
    ids: async () => (await query(table, "SELECT id::VARCHAR FROM t ORDER BY 1")).map(([id]) => String(id)),
    async proved() {
      const { code, stdout } = await landfall("verify", table, "--data");
      assert.equal(code, 0, stdout);
      assert.match(stdout, /proved/);
    },
  };
  land(source, {
    "a.json": '{"id":1}\n',
    "sub/b.json": '{"id":2}\n',
    "dead.json": DEAD,
    "sub/odd[1].json": DEAD,
  });
  assert.equal((await self.run()).code, 1);
  return self;
}

const decisionsOf = ({ table }: Place): string[] => {
  const folder = join(table, "_landfall/p/decisions");
  return statSync(folder, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(folder).sort();
};

test("retry has the next run read quarantined files again; its dry run changes nothing", async (t) => {
  const w = await world(t);
  const dry = await w.landfall("files", "retry", w.table, "--failed", "--dry-run");
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, /would read 2 files again[^]*dead\.json[^]*odd\[1\]\.json[^]*nothing was changed/);
  assert.deepEqual(decisionsOf(w), []);
  assert.equal((await w.states())["dead.json"], "quarantined");

  const real = await w.landfall("files", "retry", w.table, "--failed", "--json");
  assert.equal(real.code, 0, real.stderr);
  const document = JSON.parse(real.stdout) as { decision: string; taken: unknown[]; kind: string };
  assert.equal(document.taken.length, 2);
  assert.deepEqual(decisionsOf(w), [`${document.decision}.json`]);
  assert.deepEqual(await w.states(), {
    "a.json": "committed",
    "dead.json": "forgotten",
    "sub/b.json": "committed",
    "sub/odd[1].json": "forgotten",
  });
  await w.proved();
  const { code, stdout } = await w.run();
  assert.equal(code, 1, "they are as broken as before");
  assert.match(stdout, /2 quarantined/);
  const shown = await w.landfall("files", "show", w.table, "dead.json");
  assert.match(
    shown.stdout,
    /quarantined by batch 1[^]*what batch 1 made of it was taken back \(files retry\)[^]*seen again[^]*quarantined by batch 2/,
  );
  assert.deepEqual(await w.ids(), ["1", "2"]);
  await w.proved();
});

test("asked for again, a file that the next run reads anyway is left as it is, and that is no fault", async (t) => {
  const w = await world(t);
  await w.landfall("files", "retry", w.table, "dead.json");
  const decided = decisionsOf(w);
  for (const [kind, more] of [
    ["retry", []],
    ["forget", ["--dry-run"]],
    ["forget", []],
  ] as const) {
    const again = await w.landfall("files", kind, w.table, "dead.json", ...more);
    assert.equal(again.code, 0, again.stderr);
    assert.match(
      again.stdout,
      /Nothing was changed\.\nLeft alone: 1 file \(read by the next run that sees it in the source\)\./,
    );
  }
  land(w.source, { "new.json": '{"id":3}\n' });
  const killed = await runLandfall(["ingest", w.source, w.table, "--pipeline", "p"], {
    env: { LANDFALL_FAULT: "plan.after:1" },
  });
  assert.equal(killed.signal, "SIGKILL");
  const { code, stdout } = await w.landfall("files", "retry", w.table, "new.json", "--json");
  assert.equal(code, 0);
  const { taken, left } = JSON.parse(stdout) as { taken: unknown[]; left: (Listed & { why: string })[] };
  assert.deepEqual([taken, left.map(({ key, why }) => [key, why])], [[], [["new.json", "open"]]]);
  assert.deepEqual(decisionsOf(w), decided);
  const mixed = await w.landfall("files", "retry", w.table, "new.json", "a.json");
  assert.equal(mixed.code, 2);
  assert.match(mixed.stderr, /a\.json is committed/);
  assert.match((await w.run()).stdout, /1 written[^]*1 quarantined|1 quarantined[^]*1 written/);
});

test("names are taken as they are typed; what fits nothing or cannot be retried is told, and nothing is changed", async (t) => {
  const w = await world(t);
  const refused = async (argv: readonly string[], ...texts: readonly RegExp[]): Promise<void> => {
    const { code, stderr } = await w.landfall("files", ...argv);
    assert.equal(code, 2, argv.join(" "));
    for (const text of texts) assert.match(stderr, text);
  };
  await refused(["retry", w.table], /which files/, /--failed/);
  await refused(["retry", w.table, "ded.json"], /ded\.json/, /Near names: dead\.json/);
  await refused(["retry", w.table, "x/*.json"], /x\/\*\.json/);
  await refused(["retry", w.table, "dead.json", "a.json"], /a\.json is committed/, /files forget/);
  await refused(["retry", w.table, "--failed", "--name", "q"], /No pipeline "q"/);
  await refused(
    ["forget", w.table, "a.json"],
    /a\.json is in the table with 1 row/,
    /--allow-duplicate-rows/,
  );
  assert.deepEqual(decisionsOf(w), []);
  const taken = async (...names: readonly string[]): Promise<string[]> => {
    const run = await w.landfall("files", "retry", w.table, ...names, "--dry-run", "--json");
    assert.equal(run.code, 0, run.stderr);
    return (JSON.parse(run.stdout) as { taken: Listed[] }).taken.map(({ key }) => key).sort();
  };
  const odd = "sub/odd[1].json";
  assert.deepEqual(await taken("odd[1].json"), [odd], "a bracket is a name first");
  assert.deepEqual(await taken(join(w.source, "dead.json")), ["dead.json"]);
  assert.deepEqual(
    await taken(join(w.source, "*.json")),
    ["dead.json"],
    "an absolute glob counts from the source on",
  );
  assert.deepEqual(await taken("*.json"), ["dead.json", odd], "one without a slash looks everywhere");
  assert.deepEqual(await taken("sub/**", "dead.json"), ["dead.json", odd]);
  writeFileSync(
    join(w.folder, "p.yaml"),
    `pipeline: p\nsource: { location: ${w.source} }\ntable: { location: ${w.table} }\n`,
  );
  const declared = await w.landfall("files", "retry", "p.yaml", "--failed", "--dry-run");
  assert.match(declared.stdout, /2 files/);
});

test("forget reads a committed file again only where that is asked for, and its rows stay", async (t) => {
  const w = await world(t);
  const dry = await w.landfall("files", "forget", w.table, "a.json", "--dry-run");
  assert.equal(dry.code, 0);
  assert.match(dry.stdout, /needs --allow-duplicate-rows/);
  const done = await w.landfall("files", "forget", w.table, "a.json", "--allow-duplicate-rows");
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /row that is in the table stays/);
  await w.run();
  assert.deepEqual(await w.ids(), ["1", "1", "2"]);
  const shown = await w.landfall("files", "show", w.table, "a.json");
  assert.match(
    shown.stdout,
    /committed by batch 1 as version 0[^]*taken back \(files forget\)[^]*committed by batch 2/,
  );
  await w.proved();
  // The decision is void now: a ledger that is rebuilt reads nothing a third time.
  rmSync(join(w.table, "_landfall/p/ledger.db"));
  await w.run();
  assert.deepEqual(await w.ids(), ["1", "1", "2"]);
  await w.proved();
});

test("a file that grew is read as it is now once its earlier content is forgotten, also by a ledger that was lost", async (t) => {
  const w = await world(t);
  const path = join(w.source, "sub/b.json");
  const { mtimeMs } = statSync(path);
  appendFileSync(path, '{"id":3}\n');
  utimesSync(path, (mtimeMs + 1000) / 1000, (mtimeMs + 1000) / 1000);
  assert.match((await w.run()).stdout, /sub\/b\.json {2}grown/);
  const refused = await w.landfall("files", "retry", w.table, "sub/b.json");
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /skipped as grown[^]*files forget/);
  assert.equal((await w.landfall("files", "forget", w.table, "b.json", "--allow-duplicate-rows")).code, 0);
  await w.proved();
  for (const loses of [false, true]) {
    if (loses) rmSync(join(w.table, "_landfall/p/ledger.db"));
    await w.run();
    assert.deepEqual(await w.ids(), ["1", "2", "2", "3"], `ledger ${loses ? "lost" : "kept"}`);
  }
  await w.proved();
});

test("killed after the decision is written, it is carried out by the next run; killed before, nothing has happened", async (t) => {
  const w = await world(t);
  for (const [point, decided] of [
    ["decision.written", 1],
    ["decision.known", 2],
  ] as const) {
    const killed = await runLandfall(["files", "retry", w.table, "--failed"], {
      env: { LANDFALL_FAULT: `${point}:1` },
    });
    assert.equal(killed.signal, "SIGKILL");
    assert.equal(decisionsOf(w).length, decided);
    const { code, stdout } = await w.landfall("verify", w.table);
    assert.equal(code, 0, stdout);
    assert.equal(stdout.includes("DECISION_WAITING"), point === "decision.written");
    assert.match((await w.run()).stdout, /2 quarantined/, "they were read again");
    await w.proved();
  }
  const killed = await runLandfall(["files", "retry", w.table, "--failed"], {
    env: { LANDFALL_FAULT: "identity.known:1" },
  });
  assert.equal(killed.signal, "SIGKILL");
  assert.equal(decisionsOf(w).length, 2);
  assert.equal((await w.run()).code, 0, "nothing to read");
});

test("beside a run a decision is written and left to the run; it holds from the next start on", async (t) => {
  const w = await world(t);
  const before = await w.states();
  const lease = await acquireLease({ folder: join(w.table, "_landfall/p"), clock: systemClock });
  try {
    assert.equal((await w.landfall("files", "retry", w.table, "--failed", "--dry-run")).code, 0);
    assert.deepEqual(decisionsOf(w), []);
    const refused = await w.landfall("files", "forget", w.table, "a.json");
    assert.equal(refused.code, 2, refused.stdout);
    const beside = await w.landfall("files", "retry", w.table, "--failed");
    assert.equal(beside.code, 0, beside.stderr);
    assert.match(beside.stdout, /A run is under way/);
    assert.equal(decisionsOf(w).length, 1);
    assert.deepEqual(await w.states(), before);
  } finally {
    await lease.release();
  }
  assert.match((await w.run()).stdout, /2 quarantined/, "they were read again");
  await w.proved();
});

test("a decision that is gone or of a newer Landfall is named", async (t) => {
  const w = await world(t);
  await w.landfall("files", "retry", w.table, "dead.json");
  const path = join(w.table, "_landfall/p/decisions", decisionsOf(w)[0]!);
  const text = readFileSync(path, "utf8");
  rmSync(path);
  const gone = await w.landfall("verify", w.table);
  assert.equal(gone.code, 1);
  assert.match(gone.stdout, /DECISION_MISSING/);
  writeFileSync(path, text.replace('"schemaVersion":1', '"schemaVersion":2'));
  rmSync(join(w.table, "_landfall/p/ledger.db"));
  const newer = await w.run();
  assert.equal(newer.code, 2);
  assert.match(newer.stderr, /STATE_NEWER[^]*decisions\/[0-9a-f-]+\.json has format 2/);
});
