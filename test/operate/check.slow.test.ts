/** `landfall check` and `--dry-run`: they tell what a run then does, say what would stop it, and leave everything as it was. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { arrive, lines } from "../support/arrivals.ts";
import { holdAt } from "../support/hard-case.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

interface CheckDocument {
  readonly exitCode: number;
  readonly problems: readonly { readonly code: string; readonly message: string }[];
  readonly places: readonly { readonly what: string; readonly isThere: boolean; readonly works: boolean }[];
  readonly files: {
    readonly seen: number;
    readonly toTake: number;
    readonly bytes: number;
    readonly batches: number;
    readonly first: readonly string[];
    readonly waiting: number;
    readonly skipped: Readonly<Record<string, number>>;
    readonly stock?: { readonly files: number; readonly bytes: number; readonly later: object };
  };
  readonly tableVersion?: number;
  readonly columns?: readonly string[];
  readonly addedKeys?: readonly string[];
  readonly sample?: Readonly<Record<"read" | "written" | "rescued" | "rejected" | "files", number>>;
  readonly estimatedSeconds?: number;
}

/** Every name below a folder with what it holds. Times of folders are left out: a probe that came and went changes those. */
function tree(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true }).map(String)) {
    const path = join(folder, name);
    const info = statSync(path, { bigint: true });
    // What readers and writers of one SQLite file share; it holds nothing that lasts.
    found[name] =
      info.isDirectory() || name.endsWith(".db-shm")
        ? "there"
        : `${info.mtimeNs}-${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
  }
  return found;
}

function declare(folder: string, more = ""): void {
  writeFileSync(
    join(folder, "p.yaml"),
    `pipeline: p\nsource:\n  location: ./in\ntable:\n  location: ./table\n${more}`,
  );
}

/** Checks, and holds that nothing came of it. */
async function check(folder: string, args: readonly string[] = ["check", "p.yaml"]): Promise<CheckDocument> {
  const temporary = join(folder, "tmp");
  mkdirSync(temporary, { recursive: true });
  const before = tree(folder);
  const { code, stdout, stderr } = await runLandfall([...args, "--json"], {
    cwd: folder,
    // Scratch is looked at too; the cache of compiled code is no part of a look.
    env: { TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: "1" },
  });
  assert.deepEqual(tree(folder), before);
  const [document] = (JSON.parse(stdout) as { checks: CheckDocument[] }).checks;
  assert.equal(code, document!.exitCode, stderr);
  return document!;
}

async function run(folder: string, code = 0): Promise<void> {
  const ran = await runLandfall(["run", "p.yaml"], { cwd: folder });
  assert.equal(ran.code, code, ran.stderr);
}

const codes = ({ problems }: CheckDocument): string[] => problems.map((problem) => problem.code);

test("a new table: files, columns and places, and a run then does as told", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1 }));
  arrive(join(folder, "in/b.json"), lines({ id: 2, at: "2026-03-01T10:00:00Z" }));
  declare(folder, "limits: { maxFilesPerTrigger: 1 }\n");
  const told = await check(folder);
  assert.deepEqual([told.exitCode, told.files.toTake, told.files.batches], [0, 2, 2]);
  assert.deepEqual(told.files.first, ["a.json", "b.json"]);
  assert.deepEqual(told.columns, ["id BIGINT", "at TIMESTAMP", "_rescued_data STRING"]);
  assert.deepEqual(
    told.places.map(({ what, isThere, works }) => [what, isThere, works]),
    [
      ["source", true, true],
      ["table", false, true],
      ["state", false, true],
    ],
  );
  assert.ok(told.estimatedSeconds! >= 0);
  await run(folder);
  const again = await check(folder);
  assert.deepEqual([again.exitCode, again.files.toTake, again.tableVersion], [0, 0, 1]);
  assert.equal(again.sample, undefined);
});

test("a table with archive and quarantine: what is new, what changed, what would be rejected and rescued", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1 }));
  declare(folder, "quarantine: { to: ./bad }\n");
  await run(folder);
  appendFileSync(join(folder, "in/a.json"), lines({ id: 2 }));
  arrive(join(folder, "in/a.json"), lines({ id: 1 }, { id: 2 }));
  arrive(join(folder, "in/b.json"), `${lines({ id: "x", more: { deep: 1 } })}{broken\n`);
  const told = await check(folder);
  assert.equal(told.exitCode, 1);
  assert.deepEqual(told.files.skipped, { grown: 1 });
  assert.deepEqual(told.columns, ["more STRUCT<deep: BIGINT>"]);
  assert.deepEqual([told.sample?.rescued, told.sample?.rejected], [1, 1]);
  assert.deepEqual(
    told.places.filter(({ works }) => !works),
    [],
  );
  assert.ok(told.places.some(({ what, isThere }) => what === "quarantine" && !isThere));
  await run(folder, 1);
});

test("what a run would refuse is told with its code, all of it at once", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1, day: "2026-03-01" }));
  declare(folder);
  await run(folder);
  arrive(join(folder, "in/b.json"), lines({ id: 2, day: "2026-03-02", other: 1 }));
  declare(folder, "  partitionBy: [day]\nschema: { evolutionMode: failOnNewColumns }\n");
  const told = await check(folder);
  assert.deepEqual([told.exitCode, codes(told)], [2, ["TABLE_SCHEMA_CONFLICT", "NEW_COLUMNS"]]);
});

test("a table of another kind, of another source, or no table at all", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1 }));
  declare(folder);
  arrive(join(folder, "table/notes.txt"), "mine\n");
  assert.deepEqual(codes(await check(folder)), ["TABLE_FOLDER_OCCUPIED"]);
  const other = temporaryFolder(t);
  arrive(join(other, "in/a.json"), lines({ id: 1 }));
  declare(other);
  await run(other);
  arrive(join(other, "else/a.json"), lines({ id: 1 }));
  declare(other);
  writeFileSync(
    join(other, "p.yaml"),
    "pipeline: p\nsource: { location: ./else }\ntable: { location: ./table }\n",
  );
  const told = await check(other);
  assert.deepEqual([told.exitCode, codes(told)], [2, ["PIPELINE_NAME_TAKEN"]]);
});

test("a table below a file: told with the places that it keeps from being written", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1 }));
  arrive(join(folder, "table"), "a file\n");
  writeFileSync(join(folder, "p.yaml"), "source: { location: ./in }\ntable: { location: ./table/inside }\n");
  const told = await check(folder);
  assert.deepEqual([told.exitCode, codes(told)], [3, ["STORAGE_FAILED", "STORAGE_FAILED"]]);
  assert.deepEqual(
    told.places.map(({ what, works }) => [what, works]),
    [
      ["source", true],
      ["table", false],
      ["state", false],
    ],
  );
});

test("several declarations: one that is wrong does not keep the others from being told", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1 }));
  declare(folder);
  writeFileSync(join(folder, "bad.yaml"), "source: { locaton: ./in }\ntable: {}\n");
  writeFileSync(join(folder, "gone.yaml"), "source: { location: ./gone }\ntable: { location: ./t }\n");
  const { code, stdout } = await runLandfall(["check", "bad.yaml", "gone.yaml", "p.yaml", "--json"], {
    cwd: folder,
  });
  const { checks } = JSON.parse(stdout) as { checks: (CheckDocument & { declaration: string })[] };
  assert.deepEqual(
    checks.map(({ declaration, exitCode, problems }) => [declaration, exitCode, problems[0]?.code]),
    [
      ["bad.yaml", 2, "DECLARATION_INVALID"],
      ["gone.yaml", 3, "SOURCE_MISSING"],
      ["p.yaml", 0, undefined],
    ],
  );
  assert.equal(code, 3);
});

test("beside a run: neither its lease nor its files are touched, and it says that it is there", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1 }));
  declare(folder);
  const args = ["run", join(folder, "p.yaml")];
  const held = await holdAt(t, { point: "plan.after:1", args, folder });
  // The run's engine makes its own folder when it is ready.
  const state = (): [string, string][] =>
    Object.entries(tree(join(folder, "table"))).filter(([name]) => !name.includes("spill"));
  const before = state();
  const { code, stdout } = await runLandfall(["check", "p.yaml"], { cwd: folder });
  assert.equal(code, 0);
  assert.match(stdout, /a run is under way/);
  assert.match(stdout, /1 to take/);
  assert.deepEqual(state(), before);
  held.release();
  assert.equal((await held.ended).code, 0);
});

test("after a run was killed: what it had planned is to take, and stays as the run left it", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1 }));
  declare(folder);
  const env = { LANDFALL_FAULT: "plan.after:1" };
  assert.equal((await runLandfall(["run", "p.yaml"], { cwd: folder, env })).signal, "SIGKILL");
  const told = await check(folder);
  assert.deepEqual([told.exitCode, told.files.first], [0, ["a.json"]]);
  await run(folder);
});

for (const point of ["discover.observed:1", "baseline.written:1"]) {
  test(`Ctrl-C at ${point}: nothing is left behind`, async (t) => {
    const folder = temporaryFolder(t);
    const where = join(folder, "world");
    arrive(join(where, "in/a.json"), lines({ id: 1 }));
    declare(where);
    writeFileSync(
      join(where, "p.yaml"),
      "source: { location: ./in, includeExistingFiles: false }\ntable: { location: ./table }\n",
    );
    const before = tree(where);
    const held = await holdAt(t, { point, args: ["check", join(where, "p.yaml")], folder });
    held.child.kill("SIGINT");
    held.release();
    assert.equal((await held.ended).code, 130);
    assert.deepEqual(tree(where), before);
  });
}

test("run --dry-run and ingest --dry-run tell the same, and start nothing that keeps running", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1 }));
  declare(folder, "trigger: continuous\n");
  const ran = await check(folder, ["run", "p.yaml", "--dry-run", "--max-files-per-trigger", "5"]);
  const ingested = await check(folder, ["ingest", "in", "table", "--dry-run"]);
  for (const told of [ran, ingested])
    assert.deepEqual(
      [told.exitCode, told.files.toTake, told.columns],
      [0, 1, ["id BIGINT", "_rescued_data STRING"]],
    );
  const { stdout } = await runLandfall(["ingest", "in", "table", "--dry-run"], { cwd: folder });
  assert.match(stdout, /Nothing stands in the way\. {2}next {4}landfall ingest in table/);
});

test("of an old stock it tells what is read now, and what waits for another day once the share is spent", async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ["a", "b", "c"]) {
    const path = join(folder, `in/${name}.json`);
    arrive(path, lines({ id: 1 }));
    utimesSync(path, 1_700_000_000, 1_700_000_000);
  }
  arrive(join(folder, "in/new.json"), lines({ id: 2 }));
  writeFileSync(
    join(folder, "p.yaml"),
    "source: { location: ./in, backfill: { before: 2025-01-01, maxBytesPerDay: 15 } }\ntable: { location: ./table }\n",
  );
  const told = await check(folder);
  assert.deepEqual(told.files.first, ["new.json", "a.json"]);
  assert.deepEqual(
    [told.files.toTake, told.files.bytes, told.files.stock],
    [2, 18, { files: 1, bytes: 9, later: { files: 2, bytes: 18 } }],
  );
  await run(folder);
  for (const words of [
    ["check", "p.yaml"],
    ["run", "p.yaml", "--dry-run"],
  ]) {
    const after = await check(folder, words);
    assert.deepEqual(
      [after.files.toTake, after.files.stock],
      [0, { files: 0, bytes: 0, later: { files: 2, bytes: 18 } }],
    );
    const { stdout } = await runLandfall(words, { cwd: folder });
    assert.match(stdout, /nothing more today; 2 files, 18 B, wait for another day \(source\.backfill\)/);
  }
});

test("a table of something else where the history is to be published is said before a run comes to it", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1 }));
  declare(folder);
  await run(folder);
  writeFileSync(
    join(folder, "h.yaml"),
    "source: { location: ./in }\ntable: { location: ./other, history: ./table }\n",
  );
  const told = await check(folder, ["check", "h.yaml"]);
  assert.deepEqual(codes(told), ["TABLE_SCHEMA_CONFLICT"]);
  assert.match(told.problems[0]!.message, /table is no table of a history/);
});
