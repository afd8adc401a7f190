/** Places that refuse: no permission, read-only, a full disk. The message names the place, nothing is lost, and a later run goes on. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { test, type TestContext } from "node:test";
import { arrive, lines } from "../support/arrivals.ts";
import { holdAt, idsOf, ingestEnds, place, type Place } from "../support/hard-case.ts";
import { LANDFALL_BIN, runLandfall, type CommandResult } from "../support/run-landfall.ts";

const isRoot = process.getuid?.() === 0;
/** Root may read and write everything: as root these cases need another user. */
const NOBODY = 65_534;
const onlyRoot = isRoot ? false : "only root can become another user or mount a file system";
/** A repository in a private folder, such as root's home, cannot be run by another user. */
const asOther =
  onlyRoot ||
  (isOpenToAll(process.execPath) && isOpenToAll(LANDFALL_BIN)
    ? false
    : "another user may not reach this repository");

function isOpenToAll(path: string): boolean {
  for (let folder = dirname(path); folder !== "/"; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
  }
  return true;
}

/** As a user without rights of its own; the folder is given to it. */
async function asNobody(where: Place, args: readonly string[]): Promise<CommandResult> {
  return runLandfall(["ingest", ...args], {
    user: NOBODY,
    env: { HOME: where.folder, TMPDIR: where.folder },
  });
}

function nobodysPlace(t: TestContext): Place {
  const where = place(t);
  mkdirSync(where.table);
  for (const path of [where.folder, where.source, where.table]) chownSync(path, NOBODY, NOBODY);
  return where;
}

test(
  "a file that may not be read is named and waits, the others go in, and it is taken once it may be read",
  { skip: asOther },
  async (t) => {
    const where = nobodysPlace(t);
    const { source, table } = where;
    arrive(join(source, "a.json"), lines({ id: 1 }));
    arrive(join(source, "secret.json"), lines({ id: 2 }));
    chmodSync(join(source, "secret.json"), 0o600);
    const end = await asNobody(where, [source, table]);
    assert.equal(end.code, 3, end.stderr);
    assert.match(end.stdout, /secret\.json {2}permission denied/);
    assert.deepEqual(await idsOf(table), ["1"]);
    chmodSync(join(source, "secret.json"), 0o644);
    assert.equal((await asNobody(where, [source, table])).code, 0);
    assert.deepEqual(await idsOf(table), ["1", "2"]);
  },
);

test(
  "a folder in the source that may not be listed is named, and the others go in",
  { skip: asOther },
  async (t) => {
    const where = nobodysPlace(t);
    const { source, table } = where;
    arrive(join(source, "a.json"), lines({ id: 1 }));
    arrive(join(source, "closed/b.json"), lines({ id: 2 }));
    chmodSync(join(source, "closed"), 0o700);
    const end = await asNobody(where, [source, table]);
    assert.equal(end.code, 3, end.stderr);
    assert.match(end.stdout, /closed\/? {2}permission denied/);
    chmodSync(join(source, "closed"), 0o755);
    assert.equal((await asNobody(where, [source, table])).code, 0);
    assert.deepEqual(await idsOf(table), ["1", "2"]);
  },
);

test(
  "a folder that may be listed and not entered, with a folder in it, is named, and the others go in",
  { skip: asOther },
  async (t) => {
    const where = nobodysPlace(t);
    const { source, table } = where;
    arrive(join(source, "a.json"), lines({ id: 1 }));
    arrive(join(source, "half/inner/b.json"), lines({ id: 2 }));
    chmodSync(join(source, "half"), 0o744);
    const end = await asNobody(where, [source, table]);
    assert.equal(end.code, 3, end.stderr);
    assert.match(end.stdout, /half\/inner {2}permission denied/);
    chmodSync(join(source, "half"), 0o755);
    assert.equal((await asNobody(where, [source, table])).code, 0);
    assert.deepEqual(await idsOf(table), ["1", "2"]);
  },
);

test("a source that may not be listed at all is refused by name", { skip: asOther }, async (t) => {
  const where = nobodysPlace(t);
  arrive(join(where.source, "a.json"), lines({ id: 1 }));
  chownSync(where.source, 0, 0);
  chmodSync(where.source, 0o700);
  const end = await asNobody(where, [where.source, where.table]);
  assert.equal(end.code, 3, end.stderr);
  assert.match(end.stderr, /error SOURCE_UNREADABLE .*\/in/);
});

test(
  "a target that may not be written is refused by name, and nothing is made",
  { skip: asOther },
  async (t) => {
    const where = nobodysPlace(t);
    arrive(join(where.source, "a.json"), lines({ id: 1 }));
    chownSync(where.table, 0, 0);
    chmodSync(where.table, 0o755);
    const end = await asNobody(where, [where.source, where.table]);
    assert.equal(end.code, 3, end.stderr);
    assert.match(end.stderr, /error STORAGE_FAILED .*\/table/);
    assert.deepEqual(readdirSync(where.table), []);
  },
);

test(
  "a log that may no longer be written stops the run at its commit, and the next run commits the same rows once",
  { skip: asOther },
  async (t) => {
    const where = nobodysPlace(t);
    const { source, table } = where;
    arrive(join(source, "a.json"), lines({ id: 1 }));
    assert.equal((await asNobody(where, [source, table])).code, 0);
    arrive(join(source, "b.json"), lines({ id: 2 }));
    chmodSync(join(table, "_delta_log"), 0o555);
    const end = await asNobody(where, [source, table]);
    assert.equal(end.code, 3, end.stderr);
    assert.match(end.stderr, /error STORAGE_FAILED .*_delta_log/);
    assert.deepEqual(await idsOf(table), ["1"]);
    chmodSync(join(table, "_delta_log"), 0o755);
    assert.equal((await asNobody(where, [source, table])).code, 0);
    assert.deepEqual(await idsOf(table), ["1", "2"]);
    assert.equal(readdirSync(table).filter((name) => name.endsWith(".parquet")).length, 2);
  },
);

test("a read-only file system is refused by name", { skip: onlyRoot }, async (t) => {
  const where = mountedPlace(t, "size=8m,ro");
  if (where === undefined) return;
  arrive(join(where.source, "a.json"), lines({ id: 1 }));
  const text = await ingestEnds([where.source, where.table], { code: 3, error: "STORAGE_FAILED" });
  assert.match(text, /read-only|EROFS/);
});

test(
  "a disk that is full at the data files says so, and the same files go in when there is room",
  { skip: onlyRoot },
  async (t) => {
    const where = mountedPlace(t, "size=8m");
    if (where === undefined) return;
    const { folder, source, table } = where;
    arrive(join(source, "a.json"), lines({ id: 1 }));
    await ingestEnds([source, table], { code: 0 });
    arrive(join(source, "b.json"), lines({ id: 2 }));
    const held = await holdAt(t, { point: "stage.manifest:1", args: ["ingest", source, table], folder });
    fill(join(table, "ballast"));
    held.release();
    const end = await held.ended;
    assert.equal(end.code, 3, end.stdout + end.stderr);
    assert.match(end.stderr, /error STORAGE_FULL /);
    const again = await runLandfall(["ingest", source, table]);
    assert.equal(again.code, 3, again.stdout + again.stderr);
    assert.match(again.stderr, /error STORAGE_FULL /);
    rmSync(join(table, "ballast"));
    await ingestEnds([source, table], { code: 0 });
    assert.deepEqual(await idsOf(table), ["1", "2"]);
    assert.equal(readdirSync(table).filter((name) => name.endsWith(".parquet")).length, 2);
  },
);

/** A place whose table is a small file system of its own; undefined, with a note, where mounting is not allowed. */
function mountedPlace(t: TestContext, options: string): Place | undefined {
  let mounted: string | undefined;
  // Before the place's own hook, which removes the folder.
  t.after(() => mounted !== undefined && spawnSync("umount", ["-l", mounted]));
  const where = place(t);
  mkdirSync(where.table);
  const mount = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", where.table]);
  if (mount.status !== 0) {
    t.skip(`no file system can be mounted here: ${String(mount.stderr)}`);
    return undefined;
  }
  mounted = where.table;
  return where;
}

function fill(path: string): void {
  const chunk = Buffer.alloc(64 * 1024);
  assert.throws(() => {
    for (;;) writeFileSync(path, chunk, { flag: "a" });
  }, /ENOSPC/);
}
