/** What leaves the source after its commit: where it goes, what happens when its name is taken meanwhile, and when it cannot leave. */
import assert from "node:assert/strict";
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { holdAt, idsOf, place, type Place } from "../support/hard-case.ts";
import { ingest, runLandfall } from "../support/run-landfall.ts";
import { land } from "../support/small-pipeline.ts";

const row = (id: string): string => `{"id":"${id}"}\n`;

/** Names of all files below a folder, in order, hidden ones too. */
function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

const archiveTo = ({ source, table, folder }: Place): string[] => [
  source,
  table,
  "--archive-to",
  join(folder, "done"),
];

async function statesOf({ table }: Place): Promise<unknown> {
  const listed = await runLandfall(["files", "list", table, "--json"]);
  const { files } = JSON.parse(listed.stdout) as {
    files: readonly { key: string; state: string; rule?: string }[];
  };
  return files.map(({ key, state, rule }) => [key, rule ?? state].join(" "));
}

test("files go into the archive with their folders, by the batch's date; the same name again goes beside it", async (t) => {
  const at = place(t);
  land(at.source, { "a.json": row("1"), "sub/b é.json": row("2"), "sub/x[1].json": row("3") });
  const args = [at.source, at.table, "--archive-to", join(at.folder, "done/{yyyy}/{MM}")];
  assert.equal((await ingest(args)).tidied.archived, 3);
  const month = new Date().toISOString().slice(0, 7).replace("-", "/");
  const first = [`${month}/a.json`, `${month}/sub/b é.json`, `${month}/sub/x[1].json`];
  assert.deepEqual(filesIn(join(at.folder, "done")), first);
  assert.deepEqual(filesIn(at.source), []);
  land(at.source, { "a.json": row("1 again") });
  const { mtimeNs, size } = statSync(join(at.source, "a.json"), { bigint: true });
  assert.equal((await ingest(args)).tidied.archived, 1);
  assert.deepEqual(filesIn(join(at.folder, "done")), [`${month}/${size}-${mtimeNs}/a.json`, ...first].sort());
  assert.deepEqual(await idsOf(at.table), ["1", "1 again", "2", "3"]);
  assert.deepEqual(await statesOf(at), [
    "a.json archived",
    "a.json archived",
    "sub/b%20%C3%A9.json archived",
    "sub/x[1].json archived",
  ]);
});

test("a file that is put back from the archive is not read again, and is archived again", async (t) => {
  const at = place(t);
  land(at.source, { "a.json": row("1") });
  await ingest(archiveTo(at));
  renameSync(join(at.folder, "done/a.json"), join(at.source, "a.json"));
  const again = await ingest(archiveTo(at));
  assert.deepEqual([again.files.committed, again.tidied.archived], [0, 1]);
  assert.deepEqual([filesIn(at.source), filesIn(join(at.folder, "done"))], [[], ["a.json"]]);
  linkSync(join(at.folder, "done/a.json"), join(at.source, "a.json"));
  assert.equal((await ingest(archiveTo(at))).tidied.archived, 1);
  assert.deepEqual([filesIn(at.source), filesIn(join(at.folder, "done"))], [[], ["a.json"]]);
  assert.deepEqual(await idsOf(at.table), ["1"]);
});

test("deletion waits for its time, and keeps what was not read", async (t) => {
  const at = place(t);
  land(at.source, { "a.json": row("1"), "torn.json.gz": Buffer.from([0x1f, 0x8b, 8, 0]) });
  const deleting = (after: string): string[] => [
    at.source,
    at.table,
    "--archive-delete",
    "true",
    "--archive-after",
    after,
  ];
  assert.equal((await ingest(deleting("1h"), { codes: [1] })).tidied.deleted, 0);
  assert.deepEqual(filesIn(at.source), ["a.json", "torn.json.gz"]);
  assert.equal((await ingest(deleting("0s"))).tidied.deleted, 1);
  assert.deepEqual(filesIn(at.source), ["torn.json.gz"]);
  assert.deepEqual(await statesOf(at), ["a.json deleted", "torn.json.gz quarantined"]);
});

test("a quarantined file moves with its reason; a folder that cannot be written leaves it in place", async (t) => {
  const at = place(t);
  const bad = join(at.folder, "bad");
  writeFileSync(bad, "a file where the folder should be");
  land(at.source, { "sub/torn.json.gz": Buffer.from([0x1f, 0x8b, 8, 0]) });
  const args = [at.source, at.table, "--quarantine-to", bad];
  assert.equal((await ingest(args, { codes: [1] })).tidied.failed, 1);
  assert.deepEqual(filesIn(at.source), ["sub/torn.json.gz"]);
  const status = await runLandfall(["status", at.table]);
  assert.match(status.stdout, /tidy +1 could not be moved or deleted/);
  const shown = await runLandfall(["files", "show", at.table, "torn.json.gz"]);
  assert.match(shown.stdout, /could not be tidied: .*; it lies where it lay/);
  rmSync(bad);
  assert.equal((await ingest(args)).tidied.moved, 1);
  assert.deepEqual(
    [filesIn(at.source), filesIn(bad)],
    [[], ["sub/torn.json.gz", "sub/torn.json.gz.reason.json"]],
  );
  const reason = JSON.parse(readFileSync(join(bad, "sub/torn.json.gz.reason.json"), "utf8")) as object;
  assert.deepEqual(
    { ...reason, at: "", batchId: "", generation: "", pipeline: "" },
    {
      schemaVersion: 1,
      pipeline: "",
      key: "sub/torn.json.gz",
      generation: "",
      reason: "gzip: the file is truncated",
      batch: 1,
      batchId: "",
      at: "",
    },
  );
  assert.doesNotMatch((await runLandfall(["status", at.table])).stdout, /could not be moved/);
});

/** What a writer may do to a file after it was taken and before it is compared; the held file's path is given. */
const MEANWHILE: Readonly<
  Record<
    string,
    {
      readonly act: (at: Place, held: string, open: number) => void;
      readonly inSource: readonly string[];
      readonly archived: readonly string[];
      readonly kept: number;
      readonly rows: readonly string[];
    }
  >
> = {
  "writes on into the file that it has open": {
    act: (_at, _held, open) => void writeSync(open, row("2")),
    inSource: ["a.json"],
    archived: [],
    kept: 0,
    rows: ["1", "1", "2"],
  },
  "truncates the file that it has open": {
    act: (_at, held) => truncateSync(held, 0),
    inSource: ["a.json"],
    archived: [],
    kept: 0,
    rows: ["1"],
  },
  "creates the name again": {
    act: (at) => land(at.source, { "a.json": row("2") }),
    inSource: ["a.json"],
    archived: ["a.json"],
    kept: 0,
    rows: ["1", "2"],
  },
  "writes on, and creates the name again": {
    act(at, _held, open) {
      writeSync(open, row("2"));
      land(at.source, { "a.json": row("3") });
    },
    inSource: ["a.json"],
    archived: [],
    kept: 1,
    rows: ["1", "3"],
  },
  "makes a folder of the name": {
    act: (at) => land(at.source, { "a.json/b.json": row("2") }),
    inSource: ["a.json/b.json"],
    archived: ["a.json"],
    kept: 0,
    rows: ["1", "2"],
  },
  "removes what was taken": {
    act: (_at, held) => unlinkSync(held),
    inSource: [],
    archived: [],
    kept: 0,
    rows: ["1"],
  },
};

for (const [what, { act, inSource, archived, kept, rows }] of Object.entries(MEANWHILE)) {
  test(`between the taking and the comparison a writer ${what}`, async (t) => {
    const at = place(t);
    land(at.source, { "a.json": row("1") });
    const open = openSync(join(at.source, "a.json"), "a");
    t.after(() => closeSync(open));
    const args = ["ingest", ...archiveTo(at)];
    const program = await holdAt(t, { point: "tidy.held:1", args, folder: at.folder });
    const [held] = filesIn(join(at.source, ".landfall/held"));
    act(at, join(at.source, ".landfall/held", held!), open);
    program.release();
    const ended = await program.ended;
    assert.equal(ended.code, kept > 0 ? 1 : 0, ended.stdout + ended.stderr);
    const left = filesIn(at.source);
    assert.deepEqual(
      left.filter((name) => !name.startsWith(".landfall/overwritten/")),
      inSource,
    );
    assert.equal(left.length - inSource.length, kept);
    assert.deepEqual(filesIn(join(at.folder, "done")), archived);
    // What lies there now has been read by nobody: a vacated name is no reason to skip it.
    for (const name of inSource) utimesSync(join(at.source, name), 1, 1);
    await ingest(archiveTo(at));
    assert.deepEqual(await idsOf(at.table), rows);
    if (kept > 0) assert.match(((await statesOf(at)) as string[]).join(), /a\.json overwritten/);
    const verified = await runLandfall(["verify", at.table]);
    assert.equal(verified.code, 0, verified.stdout);
  });
}

test("a file that was replaced before it was taken is read, not archived", async (t) => {
  const at = place(t);
  land(at.source, { "a.json": row("1"), "b.json": row("2") });
  const args = ["ingest", ...archiveTo(at)];
  const program = await holdAt(t, { point: "tidy.known:1", args, folder: at.folder });
  land(at.folder, { "new.json": row("3 and longer") });
  renameSync(join(at.folder, "new.json"), join(at.source, "a.json"));
  program.release();
  assert.equal((await program.ended).code, 0);
  assert.deepEqual([filesIn(at.source), filesIn(join(at.folder, "done"))], [["a.json"], ["b.json"]]);
  await ingest(archiveTo(at));
  assert.deepEqual(await idsOf(at.table), ["1", "2", "3 and longer"]);
  assert.deepEqual(filesIn(join(at.folder, "done")), ["a.json", "b.json"]);
});

test("a file that was overwritten before tidying began is skipped, and neither is archived", async (t) => {
  const at = place(t);
  land(at.source, { "a.json": row("1") });
  await ingest([at.source, at.table]);
  land(at.source, { "a.json": row("2 and longer") });
  const run = await ingest(archiveTo(at), { codes: [1] });
  assert.deepEqual([run.files.skipped, run.tidied.archived], [1, 0]);
  assert.deepEqual(filesIn(at.source), ["a.json"]);
  land(at.source, { "a.json": row("3, the longest of all") });
  assert.equal((await ingest(archiveTo(at), { codes: [1] })).files.skipped, 1);
  assert.deepEqual(await idsOf(at.table), ["1"]);
});

test("a process that dies over held files leaves them to the next start, also where nothing is archived any more", async (t) => {
  const at = place(t);
  land(at.source, { "a.json": row("1"), "b.json": row("2") });
  const env = { LANDFALL_FAULT: "tidy.held:2" };
  assert.equal((await runLandfall(["ingest", ...archiveTo(at)], { env })).signal, "SIGKILL");
  assert.equal(filesIn(join(at.source, ".landfall/held")).length, 2);
  assert.equal((await ingest([at.source, at.table])).files.committed, 0);
  assert.deepEqual(filesIn(at.source), ["a.json", "b.json"]);
  assert.equal((await ingest(archiveTo(at))).tidied.archived, 2);
  assert.deepEqual([filesIn(at.source), filesIn(join(at.folder, "done"))], [[], ["a.json", "b.json"]]);
  assert.deepEqual(await idsOf(at.table), ["1", "2"]);
});

test("the archive may lie on another file system", { skip: otherFileSystem() === undefined }, async (t) => {
  const at = place(t);
  const done = mkdtempSync(join(otherFileSystem()!, "landfall-test-"));
  t.after(() => rmSync(done, { recursive: true, force: true }));
  land(at.source, { "a.json": row("1"), "sub/b.json": row("2") });
  const before = statSync(join(at.source, "a.json"));
  const args = [at.source, at.table, "--archive-to", done];
  const env = { LANDFALL_FAULT: "tidy.placed:1" };
  assert.equal((await runLandfall(["ingest", ...args], { env })).signal, "SIGKILL");
  assert.equal((await ingest(args)).tidied.archived, 2);
  assert.deepEqual([filesIn(at.source), filesIn(done)], [[], ["a.json", "sub/b.json"]]);
  assert.equal(readFileSync(join(done, "a.json"), "utf8"), row("1"));
  assert.equal(Math.round(statSync(join(done, "a.json")).mtimeMs), Math.round(before.mtimeMs));
});

function otherFileSystem(): string | undefined {
  const there = "/dev/shm";
  return existsSync(there) && statSync(there).dev !== statSync("/tmp").dev ? there : undefined;
}

const isRoot = process.getuid?.() === 0;

test(
  "a full archive is a warning; the files stay, and nothing half lies there",
  { skip: !isRoot },
  async (t) => {
    const at = place(t);
    const done = join(at.folder, "small");
    mkdirSync(done);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", done]).status !== 0)
      return t.skip("no tmpfs can be mounted here");
    try {
      assert.ok(statfsSync(done).blocks < 100);
      const large = row("x".repeat(100_000));
      land(at.source, { "a.json": row("1"), "large.json": large });
      const args = [at.source, at.table, "--archive-to", done];
      const run = await ingest(args);
      assert.deepEqual([run.tidied.archived, run.tidied.failed], [1, 1]);
      assert.deepEqual([filesIn(at.source), filesIn(done)], [["large.json"], ["a.json"]]);
      assert.equal(readFileSync(join(at.source, "large.json"), "utf8"), large);
      assert.equal((await ingest(args)).tidied.failed, 1);
      spawnSync("mount", ["-o", "remount,size=1m", done]);
      assert.equal((await ingest(args)).tidied.archived, 1);
      assert.deepEqual(filesIn(at.source), []);
    } finally {
      spawnSync("umount", [done]);
    }
  },
);

test("a source that may not be written keeps its files", { skip: !isRoot }, async (t) => {
  const at = place(t);
  land(at.source, { "a.json": row("1") });
  chmodSync(at.folder, 0o777);
  chmodSync(at.source, 0o555);
  const run = await runLandfall(["ingest", ...archiveTo(at), "--json"], { user: 65534 });
  assert.equal(run.code, 0, run.stderr);
  assert.equal((JSON.parse(run.stdout) as { tidied: { failed: number } }).tidied.failed, 1);
  assert.deepEqual(filesIn(at.source), ["a.json"]);
});

test("a link is no file to be moved: it stays, and the run says so", async (t) => {
  const at = place(t);
  land(at.source, { "a.json": row("1") });
  symlinkSync("a.json", join(at.source, "link.json"));
  await ingest(archiveTo(at));
  assert.deepEqual(filesIn(join(at.folder, "done")), ["a.json"]);
  assert.deepEqual(filesIn(at.source), ["link.json"]);
  assert.deepEqual(await idsOf(at.table), ["1", "1"]);
});

test("a second host with a ledger of its own learns from the vacate records", async (t) => {
  const at = place(t);
  const host = (name: string): string[] => [...archiveTo(at), "--state", join(at.folder, name)];
  land(at.source, { "a.json": row("1"), "b.json": row("2") });
  await ingest([at.source, at.table, "--state", join(at.folder, "B")]);
  assert.equal((await ingest(host("A"))).tidied.archived, 2);
  land(at.source, { "a.json": row("1 again") });
  const run = await ingest(host("B"));
  assert.deepEqual([run.files.committed, run.files.skipped], [1, 0]);
  assert.deepEqual(await idsOf(at.table), ["1", "1 again", "2"]);
  const listed = await runLandfall(["files", "list", at.table, "--state", join(at.folder, "B"), "--json"]);
  const { files } = JSON.parse(listed.stdout) as { files: readonly { key: string; state: string }[] };
  assert.deepEqual(
    files.map(({ state }) => state),
    ["archived", "archived", "archived"],
  );
  for (const name of ["A", "B"]) {
    const verified = await runLandfall(["verify", at.table, "--state", join(at.folder, name)]);
    assert.equal(verified.code, 0, verified.stdout);
  }
});

test("two hosts that tidy at once archive every file once", async (t) => {
  const at = place(t);
  const host = (name: string): string[] => [...archiveTo(at), "--state", join(at.folder, name)];
  const names = Array.from({ length: 40 }, (_none, index) => `${String(index).padStart(2, "0")}.json`);
  land(at.source, Object.fromEntries(names.map((name) => [name, row(name)])));
  const program = await holdAt(t, {
    point: "tidy.held:20",
    args: ["ingest", ...host("A")],
    folder: at.folder,
  });
  const second = ingest(host("B"));
  program.release();
  assert.equal((await program.ended).code, 0);
  await second;
  await ingest(host("A"));
  assert.deepEqual([filesIn(at.source), filesIn(join(at.folder, "done"))], [[], names]);
  assert.deepEqual(await idsOf(at.table), names);
});

test("a lost ledger is rebuilt with what was vacated: a new file of a vacated name is read", async (t) => {
  const at = place(t);
  land(at.source, { "a.json": row("1") });
  await ingest(archiveTo(at));
  const [state] = readdirSync(join(at.table, "_landfall"));
  for (const end of ["", "-wal", "-shm"])
    rmSync(join(at.table, "_landfall", state!, `ledger.db${end}`), { force: true });
  land(at.source, { "a.json": row("2") });
  assert.equal((await ingest(archiveTo(at))).files.committed, 1);
  assert.deepEqual(await idsOf(at.table), ["1", "2"]);
  assert.deepEqual(await statesOf(at), ["a.json archived", "a.json archived"]);
});
