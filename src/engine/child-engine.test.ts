import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { engineContract, openEngine } from "../../test/contracts/engine-contract.ts";
import { rowsOf, stageRequest, writeFiles } from "../../test/support/stage-files.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { childEngine } from "./child-engine.ts";

engineContract("in a child", childEngine);

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

test("a child that outgrows its process limit is killed, and the error says how far it grew", async (t) => {
  const { engine } = openEngine(t, (options) => childEngine({ ...options, processBytes: 10 * 1024 ** 2 }));
  await assert.rejects(
    engine.query({ sql: ENDLESS, tables: [] }),
    (error) => isLandfallError(error, "ENGINE_DIED") && /its limit is/.test(error.message),
  );
});
