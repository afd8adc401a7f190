/** `files relocate` as a person types it: moved and copied folders, wrong ones, killed in the middle; a rebuilt ledger knows it, too. */
import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { idsOf, place, type Place } from "../support/hard-case.ts";
import { runLandfall, type CommandResult } from "../support/run-landfall.ts";
import { land } from "../support/small-pipeline.ts";
import { contentOf } from "../support/tree-content.ts";

interface World extends Place {
  readonly moved: string;
  landfall(...argv: readonly string[]): Promise<CommandResult>;
  /** Runs the pipeline on a source. */
  run(source: string, more?: string): Promise<CommandResult>;
  relocate(...flags: readonly string[]): Promise<CommandResult>;
}

/** 1.json and sub/2.json are committed. */
async function world(t: TestContext, more = ""): Promise<World> {
  const where = place(t);
  const { source, table, folder } = where;
  const moved = join(folder, "moved");
  const landfall = (...argv: readonly string[]): Promise<CommandResult> => runLandfall(argv, { cwd: folder });
  const self: World = {
    ...where,
    moved,
    landfall,
    run(from, also = more) {
      writeFileSync(
        join(folder, "p.yaml"),
        `pipeline: p\nsource: { location: ${from} }\ntable: { location: ${table} }\n${also}`,
      );
      return landfall("run", "p.yaml");
    },
    relocate: (...flags) => landfall("files", "relocate", table, "--from", source, "--to", moved, ...flags),
  };
  land(source, { "1.json": '{"id":1}\n', "sub/2.json": '{"id":2}\n' });
  const first = await self.run(source);
  assert.equal(first.code, 0, first.stderr);
  return self;
}

test("a folder that was moved is refused with the command to say so, and then goes on", async (t) => {
  const w = await world(t);
  renameSync(w.source, w.moved);
  land(w.moved, { "3.json": '{"id":3}\n' });
  const refused = await w.run(w.moved);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /files relocate .* --name p --from .*\/in --to .*\/moved/);
  const other = await w.landfall("ingest", w.moved, w.table, "--pipeline", "q");
  assert.equal(other.code, 2);
  assert.match(other.stderr, /files relocate .* --name p /, "under a new name, too");
  assert.equal(existsSync(join(w.table, "_landfall/q")), false, "and leaves nothing behind");

  const before = contentOf(w.folder);
  const dry = await w.relocate("--dry-run");
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, /would read .*moved[^]*2 files known as they are[^]*nothing was changed/);
  assert.deepEqual(contentOf(w.folder), before);

  assert.equal((await w.relocate()).code, 0);
  assert.equal((await w.run(w.moved)).code, 0);
  assert.deepEqual(await idsOf(w.table), ["1", "2", "3"]);
  rmSync(join(w.table, "_landfall/p/ledger.db"));
  assert.match((await w.run(w.moved)).stdout, /Nothing new among 3 files/, "a rebuilt ledger learns of it");
  const verified = await w.landfall("verify", w.table);
  assert.equal(verified.code, 0, verified.stdout);
  assert.match(verified.stdout, /proved/);
  const back = await w.relocate();
  assert.equal(back.code, 2);
  assert.match(back.stderr, /reads .*moved/);
});

test("a copy with other times is not read again, whatever onOverwrite says; what changed or is missing is told", async (t) => {
  const w = await world(t);
  cpSync(w.source, w.moved, { recursive: true });
  const append = (from: string): Promise<CommandResult> => {
    writeFileSync(
      join(w.folder, "a.yaml"),
      `pipeline: p\nsource: { location: ${from}, onOverwrite: append }\ntable: { location: ${w.table} }\n`,
    );
    return w.landfall("run", "a.yaml");
  };
  const done = await w.relocate("--json");
  assert.equal(done.code, 0, done.stderr);
  const { counts, adopted } = JSON.parse(done.stdout) as { counts: { copied: number }; adopted: number };
  assert.equal(counts.copied, 2);
  assert.equal(adopted, 2);
  assert.equal((await append(w.moved)).code, 0);
  assert.deepEqual(await idsOf(w.table), ["1", "2"]);

  const third = join(w.folder, "third");
  cpSync(w.moved, third, { recursive: true, preserveTimestamps: true });
  writeFileSync(join(third, "1.json"), '{"id":9}\n');
  unlinkSync(join(third, "sub/2.json"));
  const argv = ["files", "relocate", w.table, "--from", w.moved, "--to", third] as const;
  const wrong = await w.landfall(...argv);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /Of 2 files .* none lies in .*third as it was[^]*--yes/);
  const told = await w.landfall(...argv, "--yes");
  assert.equal(told.code, 1, told.stderr);
  assert.match(
    told.stdout,
    /1 file changed[^]*1\.json[^]*1 file in the table and not in the new place[^]*sub\/2\.json/,
  );
});

test("killed at any durable write, saying it again or running ends with every row once", async (t) => {
  for (let pass = 1; ; pass += 1) {
    const w = await world(t);
    cpSync(w.source, w.moved, { recursive: true });
    const argv = ["files", "relocate", w.table, "--from", w.source, "--to", w.moved];
    const killed = await runLandfall(argv, { env: { LANDFALL_FAULT: `file.named:${pass}` } });
    if (killed.signal !== "SIGKILL") {
      assert.equal(killed.code, 0, killed.stderr);
      assert.ok(pass > 2, "it writes a decision and a relocation");
      break;
    }
    const again = await w.relocate();
    assert.ok(again.code === 0 || /reads .*moved/.test(again.stderr), again.stderr);
    assert.equal((await w.run(w.moved)).code, 0);
    assert.deepEqual(await idsOf(w.table), ["1", "2"], `killed at write ${pass}`);
  }
});

test("an archive that moved, too, is found where it is; places that cannot be are refused", async (t) => {
  const w = await world(t);
  const archive = join(w.folder, "archive");
  assert.equal((await w.run(w.source, `archive: { to: ${archive} }\n`)).code, 0);
  assert.deepEqual(readdirSync(archive).sort(), ["1.json", "sub"]);
  renameSync(archive, join(w.folder, "archived"));
  mkdirSync(w.moved);
  const missing = await w.landfall("verify", w.table);
  assert.match(missing.stdout, /ARCHIVED_FILE_GONE/);
  const moved = ["--archive-from", archive, "--archive-to", join(w.folder, "archived")];
  assert.match((await w.relocate(...moved.slice(0, 2))).stderr, /belong together/);
  const done = await w.relocate(...moved);
  assert.equal(done.code, 0, done.stderr);
  assert.doesNotMatch((await w.landfall("verify", w.table)).stdout, /ARCHIVED_FILE_GONE/);
  const to = (folder: string): Promise<CommandResult> =>
    w.landfall("files", "relocate", w.table, "--from", w.moved, "--to", folder);
  assert.match((await to(join(w.folder, "nowhere"))).stderr, /SOURCE_MISSING/);
  assert.match((await to(w.table)).stderr, /OVERLAP/);
  assert.match((await to(w.moved)).stderr, /already/);
});

test("a source that is one file is moved by its folder, and that is what it says", async (t) => {
  const w = await world(t);
  renameSync(w.source, w.moved);
  const file = join(w.moved, "1.json");
  const refused = await w.landfall("files", "relocate", w.table, "--from", w.source, "--to", file);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /1\.json is a file; a source is moved by its folder/);
  assert.equal((await w.relocate()).code, 0);
});
