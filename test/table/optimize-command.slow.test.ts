import assert from "node:assert/strict";
import { writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("small files of a pipeline's table become one, and the pipeline goes on", async (t) => {
  const folder = temporaryFolder(t);
  const run = async (
    ...args: string[]
  ): Promise<{ readonly code: number | null; readonly stdout: string }> => {
    const result = await runLandfall(args, { cwd: folder });
    assert.equal(result.code, 0, `${args.join(" ")}\n${result.stdout}${result.stderr}`);
    return result;
  };
  const optimize = async (...flags: string[]): Promise<Record<string, unknown>> =>
    JSON.parse((await run("table", "optimize", "table", "--json", ...flags)).stdout) as Record<
      string,
      unknown
    >;
  mkdirSync(join(folder, "in"));
  for (let i = 0; i < 3; i++) {
    writeFileSync(join(folder, `in/${i}.json`), `{"id":${i}}\n{"id":${i + 10}}\n`);
    await run("ingest", "in", "table");
  }
  const planned = await optimize("--dry-run");
  assert.deepEqual([planned["dryRun"], planned["commits"], planned["filesRemoved"]], [true, 1, 3]);
  const done = await optimize();
  assert.deepEqual([done["commits"], done["filesRemoved"], done["filesAdded"]], [1, 3, 1]);
  assert.equal((await optimize())["commits"], 0);
  writeFileSync(join(folder, "in/3.json"), '{"id":99}\n');
  await run("ingest", "in", "table");
  await run("verify", "table", "--data");
  await run("table", "check", "table", "--data");
  const rows = await run("table", "query", "table", "SELECT count(*), sum(id) FROM t", "--json");
  assert.deepEqual((JSON.parse(rows.stdout) as { rows: unknown }).rows, [["7", "135"]]);
  const wrong = await runLandfall(["table", "optimize", "table", "--z-order", "nothing"], { cwd: folder });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /error QUERY_INVALID .*nothing/);
});
