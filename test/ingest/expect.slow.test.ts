/** Rules of a declaration, from the command line to the table and to `files rejected`. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tarOf } from "../support/archives.ts";
import { arrive, lines } from "../support/arrivals.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("rows that break a rule are rejected, counted, listed with the rule, and stop the batch past limits.maxRejected", async (t) => {
  const folder = temporaryFolder(t);
  const run = (declaration: string) => {
    writeFileSync(
      join(folder, "p.yaml"),
      `pipeline: p\nsource: { location: in }\ntable: { location: out }\n${declaration}`,
    );
    return runLandfall(["run", "p.yaml"], { cwd: folder });
  };
  arrive(join(folder, "in/a.json"), lines({ id: 1, n: 5 }, { id: 2, n: -5 }, { n: 7 }));
  arrive(join(folder, "in/b.json"), lines({ id: 4, n: 1 }));

  const hostile = await run("expect: { sly: \"getenv('HOME') IS NULL\" }\n");
  assert.equal(hostile.code, 2);
  assert.match(hostile.stderr, /The rule sly of expect calls getenv/);

  const rules = "expect:\n  has_id: id IS NOT NULL\n  positive: n > 0\n";
  const stopped = await run(`${rules}limits: { maxRejected: 1 }\n`);
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /2 records of this batch would be rejected/);
  assert.equal(existsSync(join(folder, "out/_delta_log/00000000000000000000.json")), false);

  const done = await run(rules);
  assert.equal(done.code, 1, `${done.stdout}${done.stderr}`);
  const look = async (...args: string[]): Promise<Record<string, unknown>> =>
    JSON.parse((await runLandfall([...args, "--json"], { cwd: folder })).stdout) as Record<string, unknown>;
  assert.deepEqual((await look("table", "query", "out", "SELECT id FROM t ORDER BY id"))["rows"], [
    ["1"],
    ["4"],
  ]);
  const { records } = await look("files", "rejected", "out");
  assert.deepEqual(
    (records as Record<string, unknown>[]).map(({ key, record, rule, content }) => [
      key,
      record,
      rule,
      content,
    ]),
    [
      ["a.json", 2, "positive", '{"id":2,"n":-5,"_rescued_data":null}'],
      ["a.json", 3, "has_id", '{"id":null,"n":7,"_rescued_data":null}'],
    ],
  );
  assert.equal((await runLandfall(["verify", "out", "--data"], { cwd: folder })).code, 0);
});

test("rejected records of an archive's members are listed", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/sub/a.json.tar"), tarOf([{ name: "m/x.json", content: '{"id":1}\n{bad\n' }]));
  const args = ["ingest", "in", "out", "--format", "json"];
  assert.equal((await runLandfall(args, { cwd: folder })).code, 1);
  const { stdout } = await runLandfall(["files", "rejected", "out", "--json"], { cwd: folder });
  const { records } = JSON.parse(stdout) as { records: { key: string; record: number }[] };
  assert.deepEqual(
    records.map(({ key, record }) => [key, record]),
    [["sub/a.json.tar/m/x.json", 2]],
  );
});
