/** What must be durable before what (exactly-once rules, §3 "Durability"), asserted on the system calls of the real program. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test, type TestContext } from "node:test";
import { arrive, lines } from "../support/arrivals.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { hasStrace, traceLandfall, type SystemCall } from "../support/system-calls.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const skip = hasStrace() ? false : "strace is not installed";
const COMMIT = /\/_delta_log\/\d{20}\.json$/;
const DONE_MARK = /\/batches\/\d{10}-[0-9a-f-]{36}\.done\.json$/;

function place(t: TestContext): { source: string; table: string; log: string } {
  const folder = realpathSync(temporaryFolder(t));
  mkdirSync(join(folder, "in"));
  return { source: join(folder, "in"), table: join(folder, "table"), log: join(folder, "strace.log") };
}

/** Position of the first call at or after `from` that the test accepts; fails where there is none before `until`. */
function expectCall(
  calls: readonly SystemCall[],
  range: { readonly from: number; readonly until: number },
  what: string,
  accept: (call: SystemCall) => boolean,
): number {
  for (let at = range.from; at < range.until; at++) if (accept(calls[at]!)) return at;
  return assert.fail(`${what}: not between call ${range.from} and call ${range.until}`);
}

const syncs =
  (path: string) =>
  (call: SystemCall): boolean =>
    call.kind === "sync" && call.path === path;

const isLedgerSync = (call: SystemCall): boolean =>
  call.kind === "sync" && call.path.endsWith("/ledger.db-wal");

/** Names that a commit rests on: everything of the table but what the ledger's folder keeps for itself. */
function isPublished(path: string, table: string): boolean {
  return path.startsWith(`${table}/`) && !/\/(spill\/|lease\.|\.probe-|\.landfall-tmp-|ledger\.)/.test(path);
}

test(
  "data files, rejects, manifest and their folders are durable before the commit, the commit before settle, settle before the done mark",
  { skip },
  async (t) => {
    const { source, table, log } = place(t);
    for (let i = 0; i < 3; i++)
      arrive(join(source, `${i}.json`), `${lines({ id: i, day: "a" }, { id: 9, day: "b" })}{"torn\n`);
    const args = ["ingest", source, table, "--partition-by", "day", "--max-files-per-trigger", "2"];
    const calls = await traceLandfall(args, { log, codes: [1] });
    const commits = [...calls.entries()].filter(([, call]) => call.kind === "name" && COMMIT.test(call.to));
    assert.equal(commits.length, 2);
    let from = 0;
    for (const [at, commit] of commits) {
      assert.ok(commit.kind === "name");
      const until = at;
      expectCall(calls, { from, until }, "sync of the commit's bytes", syncs(commit.from));
      const named = new Set<string>();
      for (let i = 0; i < until; i++) {
        const call = calls[i]!;
        if (call.kind === "folder" && isPublished(`${call.path}/`, table)) {
          const parent = dirname(call.path);
          expectCall(calls, { from: i, until }, `sync of ${parent}, a new folder's parent`, syncs(parent));
        }
        if (call.kind !== "name" || !isPublished(call.to, table)) continue;
        expectCall(calls, { from: 0, until: i }, `sync of the bytes of ${call.to}`, syncs(call.from));
        const folder = dirname(call.to);
        expectCall(calls, { from: i, until }, `sync of ${folder} after ${call.to}`, syncs(folder));
        named.add(call.to);
      }
      for (const path of filesOfCommit(table, commit.to))
        assert.ok(named.has(path), `${path} was named before`);
      const end = calls.length;
      const logged = expectCall(
        calls,
        { from: at, until: end },
        "sync of the log",
        syncs(join(table, "_delta_log")),
      );
      const told = expectCall(calls, { from: at, until: end }, "a change of the ledger", isLedgerSync);
      assert.ok(logged < told, "the log's entry is durable before the ledger hears of it");
      // The hint that it committed, and settle itself: each is a transaction with a sync of its own (synchronous=FULL).
      const settled = expectCall(calls, { from: told + 1, until: end }, "settle", isLedgerSync);
      const done = expectCall(
        calls,
        { from: at, until: end },
        "the done mark",
        (call) => call.kind === "name" && DONE_MARK.test(call.to),
      );
      assert.ok(settled < done, "settle is durable before the done mark");
      from = at + 1;
    }
  },
);

test(
  "a commit whose maker died before its entry was durable is made durable before the ledger takes it in",
  { skip },
  async (t) => {
    const { source, table, log } = place(t);
    arrive(join(source, "a.json"), lines({ id: 1 }));
    const args = ["ingest", source, table];
    // pipeline.json, manifest and data file are linked before the commit.
    const killed = await runLandfall(args, { env: { LANDFALL_FAULT: "file.linked:4" } });
    assert.equal(killed.signal, "SIGKILL");
    readFileSync(join(table, "_delta_log/00000000000000000000.json"));
    const calls = await traceLandfall(args, { log, codes: [0] });
    const end = calls.length;
    const done = expectCall(
      calls,
      { from: 0, until: end },
      "the done mark",
      (call) => call.kind === "name" && DONE_MARK.test(call.to),
    );
    const logged = expectCall(
      calls,
      { from: 0, until: done },
      "sync of the log",
      syncs(join(table, "_delta_log")),
    );
    expectCall(calls, { from: logged, until: done }, "settle", isLedgerSync);
  },
);

for (const [where, flags] of [
  ["archived", ["--archive-to", "kept"]],
  ["archived on another file system", ["--archive-to", "/dev/shm"]],
  ["deleted", ["--archive-delete", "--archive-after", "0s"]],
] as const)
  test(
    `a file is taken when its batch is done and its name is on record, and is ${where} durably before it goes`,
    { skip },
    async (t) => {
      const { source, table, log } = place(t);
      const file = join(source, "a.json");
      arrive(file, lines({ id: 1 }));
      const kept =
        flags[0] === "--archive-to" ? keptFolder(t, resolve(dirname(source), flags[1])) : undefined;
      const args = kept === undefined ? flags : ["--archive-to", kept];
      const calls = await traceLandfall(["ingest", source, table, ...args], { log, codes: [0] });
      const until = calls.length;
      const first = (what: string, from: number, accept: (call: SystemCall) => boolean): number =>
        expectCall(calls, { from, until }, what, accept);
      const named =
        (pattern: RegExp) =>
        (call: SystemCall): boolean =>
          call.kind === "name" && pattern.test(call.to);
      const taken = calls.findIndex(
        (call) => call.kind === "name" && call.from === file && call.to.endsWith("/a.json"),
      );
      const holding = calls[taken]!;
      assert.ok(holding.kind === "name");
      const done = first("the done mark", 0, named(DONE_MARK));
      const record = first("the vacate record", done, named(/\/vacated\/[^/]+\.json$/));
      const recorded = calls[record]!;
      assert.ok(recorded.kind === "name");
      const onRecord = first("sync of the record's folder", record, syncs(dirname(recorded.to)));
      assert.ok(onRecord < taken, "the record is durable before the file is taken");
      const gone = first(
        "the held file goes",
        taken,
        (call) => call.kind === "gone" && call.path === holding.to,
      );
      if (kept !== undefined) {
        const archived = first(
          "the archived name",
          taken,
          (call) => call.kind === "name" && call.to === join(kept, "a.json"),
        );
        const copy = calls[archived]!;
        assert.ok(copy.kind === "name");
        // Another name of the same file is as durable as the file; a copy is not.
        if (copy.from !== holding.to)
          assert.ok(
            first("sync of the copy", taken, syncs(copy.from)) < archived,
            "the copy is durable before its name",
          );
        const lasting = first("sync of the archive", archived, syncs(kept));
        assert.ok(lasting < gone, "the archived name is durable before the held one goes");
      }
      const synced = first("sync of the holding folder", gone, syncs(dirname(holding.to)));
      first("the ledger hears of it", synced, isLedgerSync);
      const heard = calls.slice(gone, synced).findIndex(isLedgerSync);
      assert.equal(heard, -1, "the ledger hears of it only when the removal is durable");
    },
  );

/** On the file system of `path`; removed with the test. */
function keptFolder(t: TestContext, path: string): string {
  const folder = path.startsWith("/dev/") ? mkdtempSync(join(path, "landfall-kept-")) : path;
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Data files, manifest and rejects that a commit names. */
function filesOfCommit(table: string, commit: string): readonly string[] {
  const actions = readFileSync(commit, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as CommitLine);
  const manifestKey = actions.flatMap((action) => action.commitInfo?.landfall.manifest ?? [])[0]!;
  const manifest = JSON.parse(readFileSync(join(table, manifestKey), "utf8")) as {
    readonly rejects?: { readonly path: string };
  };
  const data = actions.flatMap((action) => (action.add === undefined ? [] : [decodeURI(action.add.path)]));
  assert.ok(data.length > 0 && manifest.rejects !== undefined);
  return [...data, manifestKey, manifest.rejects.path].map((key) => join(table, key));
}

interface CommitLine {
  readonly add?: { readonly path: string };
  readonly commitInfo?: { readonly landfall: { readonly manifest: string } };
}
