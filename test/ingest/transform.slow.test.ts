/** Transforms of a declaration, from the command line to the table and to what the verbs say of it. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { arrive, lines } from "../support/arrivals.ts";
import type { RunDocument } from "../../src/operate/run-report.ts";
import { runLandfall, type CommandResult } from "../support/run-landfall.ts";
import { tableQueries } from "../support/table-queries.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const query = tableQueries();

interface Workplace {
  readonly folder: string;
  readonly table: string;
  /** Runs the declaration with these lines in it. */
  readonly run: (
    lines: string,
  ) => Promise<CommandResult & { readonly document: RunDocument & TransformDocument }>;
  readonly look: (...args: string[]) => Promise<Record<string, unknown>>;
  /** `verify --data` finds nothing wrong. */
  readonly verify: () => Promise<void>;
  readonly manifest: (number: number) => Record<string, unknown>;
}

interface TransformDocument {
  readonly transform?: { readonly rowsIn: number; readonly rowsOut: number };
}

function workplace(t: TestContext): Workplace {
  const folder = temporaryFolder(t);
  const table = join(folder, "out");
  const batches = join(table, "_landfall/p/batches");
  return {
    folder,
    table,
    async run(declared) {
      writeFileSync(
        join(folder, "p.yaml"),
        `pipeline: p\nsource: { location: in }\ntable: { location: out }\n${declared}`,
      );
      const result = await runLandfall(["run", "p.yaml", "--json"], { cwd: folder });
      return { ...result, document: JSON.parse(result.stdout || "{}") as RunDocument };
    },
    look: async (...args) =>
      JSON.parse((await runLandfall([...args, "--json"], { cwd: folder })).stdout) as Record<string, unknown>,
    async verify() {
      const { code, stdout, stderr } = await runLandfall(["verify", "out", "--data"], { cwd: folder });
      assert.equal(code, 0, `${stdout}${stderr}`);
    },
    manifest(number) {
      const name = readdirSync(batches).find(
        (file) => file.startsWith(String(number).padStart(10, "0")) && !file.endsWith(".done.json"),
      );
      return JSON.parse(readFileSync(join(batches, name!), "utf8")) as Record<string, unknown>;
    },
  };
}

test("a file of SQL makes the table's rows, batch after batch, also where a column is not there and the ledger is lost", async (t) => {
  const { folder, table, run, verify, manifest } = workplace(t);
  writeFileSync(
    join(folder, "flatten.sql"),
    "SELECT id, i.sku, i.qty, note\nFROM batch, UNNEST(batch.items) AS u(i)\n",
  );
  const items = [
    { sku: "a", qty: 1 },
    { sku: "b", qty: 2 },
  ];
  arrive(join(folder, "in/a.json"), lines({ id: 1, items, note: "x" }, { id: 2, items: [] }));
  const first = await run("transform: flatten.sql\n");
  assert.equal(first.code, 0, first.stderr);
  assert.deepEqual(first.document.transform, { rowsIn: 2, rowsOut: 2 });
  arrive(join(folder, "in/b.json"), lines({ id: 3, items }, { id: 4, items }));
  const second = await run("transform: flatten.sql\n");
  assert.equal(second.code, 0, second.stderr);
  const { read, written } = second.document.rows;
  assert.deepEqual([read, written, second.document.transform], [2, 4, { rowsIn: 2, rowsOut: 4 }]);
  assert.deepEqual(await query(table, "SELECT id, sku, note FROM t ORDER BY id, sku"), [
    ["1", "a", "x"],
    ["1", "b", "x"],
    ["3", "a", null],
    ["3", "b", null],
    ["4", "a", null],
    ["4", "b", null],
  ]);
  await verify();
  assert.match(JSON.stringify(manifest(2)["transform"]), /"rowsIn":2,"rowsOut":4,"rejected":0/);
  for (const file of readdirSync(join(table, "_landfall/p")).filter((name) => name.startsWith("ledger.db")))
    rmSync(join(table, "_landfall/p", file));
  arrive(join(folder, "in/c.json"), lines({ id: 5 }));
  const third = await run("transform: SELECT id, note, items[1].sku AS sku, 1 AS more FROM batch\n");
  assert.equal(third.code, 0, third.stderr);
  assert.deepEqual(await query(table, "SELECT id, sku, qty, note, more FROM t WHERE id = 5"), [
    ["5", null, null, null, 1],
  ]);
  await verify();
  const shown = await runLandfall(["files", "show", "out", "a.json"], { cwd: folder });
  assert.match(shown.stdout, /2 read, 2 into the transform/);
  const { stdout } = await runLandfall(["status", "out"], { cwd: folder });
  assert.match(stdout, /5 read, 5 into the transform/);
  const listed = await runLandfall(["files", "list", "out", "a.json"], { cwd: folder });
  assert.match(
    listed.stdout,
    /^file +state +size +rows read +batch +version\n.*\na\.json +committed .* 2 +1 +0$/m,
  );
  const history = await runLandfall(["table", "schema", "out", "--history"], { cwd: folder });
  assert.match(history.stdout, /^-- batch\.items: version 0, .*, a\.json$/m);
});

test("rules after a transform reject its rows, which count, are listed without a file, and stop the batch past limits.maxRejected", async (t) => {
  const { folder, table, run, verify, look, manifest } = workplace(t);
  arrive(join(folder, "in/a.json"), lines({ k: "x", n: 1 }, { k: "x", n: 2 }, { k: "y", n: -9 }));
  const declared =
    "transform: SELECT k, sum(n) AS total FROM batch GROUP BY k\nexpect: { positive: total > 0 }\n";
  const stopped = await run(`${declared}limits: { maxRejected: 0 }\n`);
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /1 record of this batch would be rejected.*rows of the transform \(1\)/);
  assert.equal(existsSync(join(table, "_delta_log/00000000000000000000.json")), false);
  const done = await run(declared);
  assert.equal(done.code, 1, done.stderr);
  const { read, written, rejected } = done.document.rows;
  assert.deepEqual([read, written, rejected, done.document.transform], [3, 1, 1, { rowsIn: 3, rowsOut: 2 }]);
  assert.deepEqual(await query(table, "SELECT k, total FROM t"), [["x", "3"]]);
  const list = await look("files", "rejected", "out");
  assert.equal(list["rejected"], 1);
  const [record] = list["records"] as Record<string, unknown>[];
  assert.deepEqual(
    [record!["key"], record!["record"], record!["rule"], record!["content"]],
    [undefined, undefined, "positive", '{"k":"y","total":-9}'],
  );
  const plain = await runLandfall(["files", "rejected", "out"], { cwd: folder });
  assert.match(plain.stdout, /\(of the transform\)/);
  assert.deepEqual((await look("files", "rejected", "out", "a.json"))["records"], []);
  assert.match(JSON.stringify(manifest(1)["transform"]), /"rowsIn":3,"rowsOut":2,"rejected":1/);
  await verify();
});

test("rows that make a transform fail are named, nothing is committed, and the mended transform reads the same files", async (t) => {
  const { folder, table, run, verify } = workplace(t);
  arrive(join(folder, "in/sub/a.json"), lines({ n: "1" }, { n: "x" }));
  const failed = await run("transform: SELECT CAST(n AS INT) AS n FROM batch\n");
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /TRANSFORM_FAILED/);
  assert.match(failed.stderr, /sub\/a\.json, record 2: .*\{"n":"x"/);
  assert.equal(existsSync(join(table, "_delta_log/00000000000000000000.json")), false);
  const done = await run("transform: SELECT TRY_CAST(n AS INT) AS n FROM batch\n");
  assert.equal(done.code, 0, done.stderr);
  assert.deepEqual(await query(table, "SELECT n FROM t ORDER BY n NULLS LAST"), [[1], [null]]);
  await verify();
});

test("a batch of which every file is quarantined commits, and the next knows the columns of batch", async (t) => {
  const { folder, table, run, verify } = workplace(t);
  const declared = "transform: SELECT id, extra FROM batch\n";
  arrive(join(folder, "in/a.json"), lines({ id: 1, extra: "e" }));
  assert.equal((await run(declared)).code, 0);
  arrive(join(folder, "in/b.json.gz"), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]));
  const quarantined = await run(declared);
  assert.equal(quarantined.code, 1);
  assert.equal(quarantined.document.files.quarantined, 1);
  arrive(join(folder, "in/c.json"), lines({ id: 2 }));
  const next = await run(declared);
  assert.equal(next.code, 0, next.stderr);
  assert.deepEqual(await query(table, "SELECT id, extra FROM t ORDER BY id"), [
    ["1", "e"],
    ["2", null],
  ]);
  await verify();
});

test("killed before and after the commit, the run that follows brings every row once and knows what batch was", async (t) => {
  const { folder, table, run, verify, manifest } = workplace(t);
  const declared = "transform: SELECT id, extra FROM batch\n";
  arrive(join(folder, "in/a.json"), lines({ id: 1, extra: "e" }));
  assert.equal((await run(declared)).code, 0);
  for (const [i, point] of ["stage.after", "commit.after", "settle.before"].entries()) {
    arrive(join(folder, `in/b${i}.json`), lines({ id: 2 + i }));
    const killed = await runLandfall(["run", "p.yaml"], {
      cwd: folder,
      env: { LANDFALL_FAULT: `${point}:1` },
    });
    assert.equal(killed.signal, "SIGKILL", point);
    assert.equal((await run(declared)).code, 0, point);
  }
  assert.deepEqual(await query(table, "SELECT id, extra FROM t ORDER BY id"), [
    ["1", "e"],
    ["2", null],
    ["3", null],
    ["4", null],
  ]);
  assert.match(JSON.stringify(manifest(4)["transform"]), /extra/);
  await verify();
});

test("a module makes the table's rows", async (t) => {
  const { folder, table, run, verify } = workplace(t);
  writeFileSync(
    join(folder, "double.ts"),
    `export const columns = "id BIGINT, twice STRING";
export default (chunk) => ({ id: chunk.columns.id, twice: chunk.columns.s.map((text) => text + text) });
`,
  );
  arrive(join(folder, "in/a.json"), lines({ id: 1, s: "ab" }, { id: 2, s: "c" }));
  const done = await run("transform: double.ts\n");
  assert.equal(done.code, 0, done.stderr);
  assert.deepEqual(await query(table, "SELECT id, twice FROM t ORDER BY id"), [
    ["1", "abab"],
    ["2", "cc"],
  ]);
  await verify();
  arrive(join(folder, "in/b.json"), lines({ id: 3, s: "ok" }, { id: 4 }));
  const failed = await run("transform: double.ts\n");
  assert.equal(failed.code, 1);
  // null + null is a number of JavaScript.
  assert.match(
    failed.stderr,
    /The transform double\.ts failed on 1 row .*\n.*b\.json, record 2: .*twice.*: \{"id":4,/,
  );
});

test("the flag --transform names a file of the working folder or is the SQL itself; a hostile one reads nothing", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.json"), lines({ id: 1 }));
  const ingest = (transform: string) =>
    runLandfall(["ingest", "in", "out", "--transform", transform], { cwd: folder });
  const hostile = await ingest("SELECT * FROM read_text('/etc/passwd')");
  assert.equal(hostile.code, 2);
  assert.match(hostile.stderr, /TRANSFORM_INVALID.*table function read_text/);
  const missing = await ingest("not-there.sql");
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /--transform {2}transform names not-there\.sql, which is not there/);
  writeFileSync(join(folder, "t.sql"), "SELECT id * 10 AS tenfold FROM batch;\n");
  assert.equal((await ingest("t.sql")).code, 0);
  assert.deepEqual(await query(join(folder, "out"), "SELECT tenfold FROM t"), [["10"]]);
});
