/** Every command with `--dry-run` says so in one way, to people and to programs, and leaves a whole tree as it was. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { place } from "../support/hard-case.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { land } from "../support/small-pipeline.ts";
import { contentOf } from "../support/tree-content.ts";

test("a dry run changes nothing, and says that it was one", async (t) => {
  const { folder, source, table } = place(t);
  const landfall = (...argv: readonly string[]): ReturnType<typeof runLandfall> =>
    runLandfall(argv, { cwd: folder });
  writeFileSync(
    join(folder, "p.yaml"),
    `pipeline: p\nsource: { location: ${source} }\ntable: { location: ${table} }\n`,
  );
  land(source, { "1.json": '{"id":1}\n', "dead.json": Buffer.from([0x1f, 0x8b, 1, 1]) });
  assert.equal((await landfall("run", "p.yaml")).code, 1);
  land(source, { "2.json": '{"id":2}\n' });
  cpSync(source, join(folder, "moved"), { recursive: true });
  writeFileSync(join(folder, "list.csv"), "path,size\n2.json,9\n");
  const commands: readonly (readonly string[])[] = [
    ["run", "p.yaml"],
    ["run", "p.yaml", "--full-refresh"],
    ["ingest", "in", "table", "--pipeline", "p"],
    ["ingest", "in", "table", "--pipeline", "p", "--full-refresh"],
    ["ingest", "in", "new"],
    ["files", "retry", "table", "--failed"],
    ["files", "forget", "table", "1.json", "--allow-duplicate-rows"],
    ["files", "adopt", "p.yaml", "list.csv"],
    ["files", "relocate", "table", "--from", "in", "--to", "moved"],
  ];
  const before = contentOf(folder);
  for (const command of commands) {
    const said = await landfall(...command, "--dry-run");
    assert.ok(said.code !== null && said.code <= 1, `${command.join(" ")}: ${said.stderr}`);
    assert.match(said.stdout, /\nThis was a dry run: nothing was changed\.\n$/, command.join(" "));
    const told = await landfall(...command, "--dry-run", "--json");
    assert.equal((JSON.parse(told.stdout) as { dryRun: unknown }).dryRun, true, command.join(" "));
    assert.deepEqual(contentOf(folder), before, command.join(" "));
  }
});

test("two pipelines on one source are refused together where one archives, before either runs", async (t) => {
  const { folder, source, table } = place(t);
  const landfall = (...argv: readonly string[]): ReturnType<typeof runLandfall> =>
    runLandfall(argv, { cwd: folder });
  mkdirSync(join(source, "x"));
  land(source, { "x/1.json": '{"id":1}\n' });
  const declare = (name: string, from: string, more = ""): void =>
    writeFileSync(
      join(folder, `${name}.yaml`),
      `pipeline: ${name}\nsource: { location: ${from} }\ntable: { location: ${table}-${name} }\n${more}`,
    );
  declare("a", source, `archive: { to: ${join(folder, "archive")} }\n`);
  declare("b", join(source, "x"));
  const before = contentOf(folder);
  const run = await landfall("run", "a.yaml", "b.yaml");
  assert.equal(run.code, 2);
  assert.match(run.stderr, /OVERLAP[^]*"a" and "b" read the same files[^]*pathGlobFilter/);
  const check = await landfall("check", "a.yaml", "b.yaml", "--json");
  assert.equal(check.code, 2);
  const { checks, problems } = JSON.parse(check.stdout) as {
    checks: unknown[];
    problems: { code: string }[];
  };
  assert.deepEqual([checks.length, problems.map(({ code }) => code)], [2, ["OVERLAP"]]);
  assert.deepEqual(contentOf(folder), before);
  assert.equal((await landfall("run", "a.yaml")).code, 0, "one alone is not refused");
});
