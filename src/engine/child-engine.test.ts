import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { engineContract, openEngine } from "../../test/contracts/engine-contract.ts";
import { scanContract } from "../../test/contracts/scan-contract.ts";
import { rowsOf, stageRequest, writeFiles } from "../../test/support/stage-files.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { parseDdl } from "../schema/ddl.ts";
import { writeParquetFile } from "../../test/support/write-parquet-file.ts";
import { childEngine, engineShare } from "./child-engine.ts";
import { residentBytes } from "./resident-bytes.ts";

engineContract("in a child", childEngine);
scanContract("in a child", childEngine);

/** Longer than any test waits. */
const ENDLESS = "SELECT count(*) FROM range(10000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5";

test("a killed child rejects every call under way with ENGINE_DIED, and the next call has a new one", async (t) => {
  const { engine, folder, options } = openEngine(t, childEngine);
  await engine.query({ sql: "SELECT 1", tables: [] });
  const first = engine.processId!;
  const calls = [1, 2].map(() => engine.query({ sql: ENDLESS, tables: [] }));
  process.kill(first, "SIGKILL");
  for (const outcome of await Promise.allSettled(calls)) {
    assert.equal(outcome.status, "rejected");
    assert.ok(isLandfallError(outcome.reason, "ENGINE_DIED"));
    assert.match(outcome.reason.message, /SIGKILL/);
  }
  assert.equal(engine.processId, undefined);
  assert.equal(existsSync(options.spillFolder), false);
  mkdirSync(join(folder, "in"));
  const files = writeFiles(join(folder, "in"), { a: "id\n1\n" });
  const result = await engine.stage(stageRequest(folder, { format: "csv", files }));
  assert.deepEqual(await rowsOf(engine, result), ['{"id":"1"}']);
  assert.notEqual(engine.processId, first);
});

test("a scan whose process is killed ends with ENGINE_DIED, and one that waits to be read holds little", async (t) => {
  const { engine, folder } = openEngine(t, childEngine);
  const path = join(folder, "large.parquet");
  await writeParquetFile(path, "SELECT repeat('x', 4000) s FROM range(100000)");
  const files = Array.from({ length: 100 }, () => ({ path, partitionValues: {} }));
  const table = { name: "t", schema: parseDdl("s STRING"), partitionColumns: [], files };
  const batches = engine.scan({ table })[Symbol.asyncIterator]();
  await batches.next();
  const before = process.memoryUsage().arrayBuffers;
  // Time enough to send hundreds of megabytes, if anything were sent that was not asked for.
  for (let i = 0; i < 20; i++)
    await engine.query({ sql: "SELECT sum(range) FROM range(10000000)", tables: [] });
  assert.ok(process.memoryUsage().arrayBuffers - before < 200 * 1024 ** 2);
  assert.ok(residentBytes(engine.processId) < 900 * 1024 ** 2);
  process.kill(engine.processId!, "SIGKILL");
  await assert.rejects(
    async () => {
      while ((await batches.next()).done !== true);
    },
    (error) =>
      isLandfallError(error, "ENGINE_DIED") && /while it read a table's rows.*SIGKILL/.test(error.message),
  );
});

test("a child that outgrows its process limit is killed, and the error says how far it grew", async (t) => {
  const { engine } = openEngine(t, (options) => childEngine({ ...options, processBytes: 10 * 1024 ** 2 }));
  await assert.rejects(
    engine.query({ sql: ENDLESS, tables: [] }),
    (error) => isLandfallError(error, "ENGINE_DIED") && /its limit is/.test(error.message),
  );
});

test("a child that holds much between two calls is replaced, one that holds little stays", async (t) => {
  const { engine } = openEngine(t, (options) => childEngine({ ...options, restBytes: 1, restAfterMs: 0 }));
  await engine.query({ sql: "SELECT 1", tables: [] });
  assert.equal(engine.processId, undefined);
  assert.deepEqual((await engine.query({ sql: "SELECT 2", tables: [] })).rows, [[2]]);
  const { engine: another } = openEngine(t, (options) => childEngine({ ...options, restAfterMs: 0 }));
  await another.query({ sql: "SELECT 1", tables: [] });
  const first = another.processId;
  await another.query({ sql: "SELECT 1", tables: [] });
  assert.equal(another.processId, first);
});

test("engines that share have one process, and one call is under way at a time", async (t) => {
  const share = engineShare();
  const [one, other] = [1, 2].map(
    () => openEngine(t, (options) => childEngine({ ...options, share })).engine,
  );
  const { engine: beside } = openEngine(t, childEngine);
  other!.warm();
  const stop = new AbortController();
  const endless = one!.query({ sql: ENDLESS, tables: [] }, { signal: stop.signal });
  let isAnswered = false;
  const answer = other!.query({ sql: "SELECT 1", tables: [] }).finally(() => (isAnswered = true));
  for (let i = 0; i < 20; i++) await beside.query({ sql: "SELECT 1", tables: [] });
  assert.equal(isAnswered, false);
  assert.equal(one!.processId, other!.processId);
  stop.abort();
  await assert.rejects(endless);
  assert.deepEqual((await answer).rows, [[1]]);
  await one!.close();
  assert.notEqual(other!.processId, undefined, "the other one started it");
  await other!.close();
  assert.equal(one!.processId, undefined);
  assert.deepEqual((await one!.query({ sql: "SELECT 2", tables: [] })).rows, [[2]]);
});

test("of engines that share each has its own limits, and never are two processes there", async (t) => {
  const share = engineShare();
  const limits = [400, 300].map((mb) => mb * 1024 ** 2);
  const engines = limits.map(
    (memoryBytes) => openEngine(t, (options) => childEngine({ ...options, share }), { memoryBytes }).engine,
  );
  const limitOf = async (i: number): Promise<unknown> => {
    const sql = "SELECT current_setting('memory_limit')";
    const { rows } = await engines[i]!.query({ sql, tables: [] });
    const { processId } = engines[i]!;
    return [rows[0]![0], processId];
  };
  const found = (await Promise.all([0, 1, 1, 0].map(limitOf))) as [string, number][];
  assert.deepEqual(
    found.map(([limit]) => limit),
    ["400.0 MiB", "300.0 MiB", "300.0 MiB", "400.0 MiB"],
  );
  assert.throws(() => process.kill(found[1]![1], 0), /ESRCH/);
});
