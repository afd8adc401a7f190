/** `status`, `verify` and `files …` take a declaration where they take a table, and show the pipeline that it declares. */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { place, type Place } from "../support/hard-case.ts";
import { runLandfall, type CommandResult } from "../support/run-landfall.ts";
import { land } from "../support/small-pipeline.ts";

type Landfall = (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<CommandResult>;

/** Pipelines p and q feed one table; p has read a file with one broken record, q a whole one. */
async function world(t: TestContext): Promise<Place & { readonly landfall: Landfall }> {
  const where = place(t);
  const landfall: Landfall = (args, env = {}) => runLandfall(args, { cwd: where.folder, env });
  land(where.source, { "p.json": '{"id":1}\n{broken\n' });
  land(join(where.folder, "other"), { "q.json": '{"id":2}\n' });
  for (const [name, source] of [
    ["p", "./in"],
    ["q", "./other"],
  ])
    writeFileSync(
      join(where.folder, `${name}.yaml`),
      `pipeline: ${name}\nsource: { location: ${source} }\ntable: { location: ./table }\n`,
    );
  const ran = await landfall(["run", "p.yaml", "q.yaml"]);
  assert.equal(ran.code, 1, ran.stderr);
  return { ...where, landfall };
}

test("a declaration is as good as its table, and shows its own pipeline only", async (t) => {
  const { landfall, table } = await world(t);
  const status = await landfall(["status", "p.yaml"]);
  assert.equal(status.code, 0, status.stderr);
  assert.match(status.stdout, /^\S+\/table {2}version 1\n\n {2}p\n[^]*1 rejected/);
  assert.doesNotMatch(status.stdout, /^ {2}q$/m);
  assert.match((await landfall(["status", table])).stdout, /^ {2}p\n[^]*^ {2}q\n/m);

  const files = async (...args: string[]): Promise<string[]> => {
    const { code, stdout, stderr } = await landfall(["files", "list", ...args, "--json"]);
    assert.equal(code, 0, stderr);
    return (JSON.parse(stdout) as { files: { key: string }[] }).files.map(({ key }) => key);
  };
  assert.deepEqual(await files("q.yaml"), ["q.json"]);
  assert.deepEqual(await files("p.yaml", "*.json", "--in", "committed"), ["p.json"]);
  assert.deepEqual(await files("p.yaml", "--name", "q"), ["q.json"], "a flag says more than the file");
  assert.deepEqual(await files(table), ["p.json", "q.json"]);
  assert.match((await landfall(["files", "rejected", "p.yaml"])).stdout, /\{broken/);
  assert.match((await landfall(["files", "rejected", "q.yaml"])).stdout, /no record was rejected/);

  const [declared, whole] = [await landfall(["verify", "q.yaml"]), await landfall(["verify", table])];
  assert.equal(declared.code, 0, declared.stderr);
  assert.equal(declared.stdout, whole.stdout, "the whole table is proved");
});

test("the environment has its say as in a run; a source that is gone does not hinder a look", async (t) => {
  const { landfall, source } = await world(t);
  const other = await landfall(["status", "p.yaml"], { LANDFALL_PIPELINE: "q" });
  assert.match(other.stdout, /^ {2}q\n/m);
  rmSync(source, { recursive: true });
  for (const args of [
    ["status", "p.yaml"],
    ["verify", "p.yaml"],
    ["files", "list", "p.yaml"],
    ["files", "retry", "p.yaml", "--failed", "--dry-run"],
  ])
    assert.equal((await landfall(args)).code, 0, args.join(" "));
});

test("what a declaration lacks is told in its own words", async (t) => {
  const { landfall, folder } = await world(t);
  const missing = await landfall(["status", "none.yaml"]);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /DECLARATION_MISSING[^]*none\.yaml/);
  writeFileSync(
    join(folder, "new.yaml"),
    "pipeline: new\nsource: { location: ./in }\ntable: { location: ./fresh }\n",
  );
  const unmade = await landfall(["status", "new.yaml"]);
  assert.match(unmade.stderr, /TABLE_MISSING[^]*\/fresh[^]*with the first files that it reads/);
  writeFileSync(
    join(folder, "stranger.yaml"),
    "pipeline: pp\nsource: { location: ./in }\ntable: { location: ./table }\n",
  );
  const stranger = await landfall(["files", "list", "stranger.yaml"]);
  assert.equal(stranger.code, 2);
  assert.match(stranger.stderr, /No pipeline "pp" feeds[^]*Did you mean "p"/);
});
