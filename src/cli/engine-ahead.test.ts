import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { engineAhead } from "./engine-ahead.ts";

const argv = (...words: readonly string[]): string[] => ["node", "landfall", ...words];

test("a first run has its engine's process started ahead, and one that nobody takes is ended", async (t) => {
  const source = temporaryFolder(t);
  const table = join(temporaryFolder(t), "table");
  const ahead = await engineAhead(argv("ingest", source, table, "--format", "json"), "inherit");
  const child = ahead.take();
  assert.ok(child?.connected);
  assert.equal(ahead.take(), undefined, "it is given once");
  child.ref();
  child.disconnect();
  assert.deepEqual(await once(child, "exit"), [0, null], "without its channel it ends by itself");

  const unused = await engineAhead(argv("ingest", `${source}/*.json`, table), "inherit");
  unused.dispose();
  assert.equal(unused.take(), undefined);
});

test("nothing is started where a run may find nothing new, or cannot run", async (t) => {
  const source = temporaryFolder(t);
  const table = temporaryFolder(t);
  mkdirSync(join(table, "_delta_log"));
  const missing = join(source, "missing");
  for (const words of [
    ["ingest", source, table],
    ["ingest", missing, join(table, "new")],
    ["ingest", source],
    ["ingest", "--json", source, join(table, "new")],
    ["ingest", source, join(table, "new"), "--help"],
    ["status", source, join(table, "new")],
    ["--version"],
    [],
  ])
    assert.equal((await engineAhead(argv(...words), "inherit")).take(), undefined, words.join(" "));
});
