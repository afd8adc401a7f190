/** The oracle over a real table: silent when nothing happened, and loud about each thing that is put wrong. */
import assert from "node:assert/strict";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { uuidv7 } from "../../base/uuid.ts";
import { childEngine } from "../../engine/child-engine.ts";
import { LANDFALL_BIN } from "../../../test/support/run-landfall.ts";
import { startProgram } from "./landfall-process.ts";
import { askOracle } from "./oracle.ts";
import { OWN_PIPELINES } from "./scratch-pipelines.ts";
import { makeWorkbench } from "./workbench.ts";

const folder = mkdtempSync(join(tmpdir(), "landfall-test-"));
const engine = childEngine({
  memoryBytes: 256 * 1024 ** 2,
  threads: 1,
  spillFolder: join(folder, "engine"),
  spillBytes: 1024 ** 3,
});
after(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});
const program = { command: [process.execPath, LANDFALL_BIN], env: process.env };
const bench = makeWorkbench({ folder, seed: 7, program, pipelines: OWN_PIPELINES });
const history = await bench.restore("ignore", "grown");
const end = await startProgram(program, { arguments: ["run", bench.declaration] }).ended;
const asItWas = join(folder, "as-it-was");
cpSync(bench.table, asItWas, { recursive: true });

async function ask(): Promise<string> {
  const { table, ledger, before, scratchFolder } = bench;
  const { idColumn } = bench.data;
  const world = { kind: "ignore", history, before, settled: before, idColumn } as const;
  return (await askOracle({ ...world, table, ledger, engine, scratchFolder })).join("\n");
}

/** The table's own files of a kind, in order. */
function filesOf(pattern: RegExp): readonly string[] {
  return readdirSync(bench.table, { recursive: true, encoding: "utf8" })
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(bench.table, name));
}

test("a pipeline that nobody disturbed has no fault", async () => {
  assert.equal(end.code, 1, end.stderr);
  assert.equal(await ask(), "");
});

for (const { name, harm, verdict } of [
  {
    name: "a file that belongs to nothing",
    harm: () => writeFileSync(join(bench.table, "day=2026-03-01", ".landfall-tmp-x"), ""),
    verdict: /\.landfall-tmp-x belongs to nothing/,
  },
  {
    name: "a data file of another size",
    harm: () => appendFileSync(filesOf(/^day=.*\.parquet$/)[0]!, "x"),
    verdict: /should have \d+ bytes|cannot|not/i,
  },
  {
    name: "a data file that is twice in the log",
    harm: () => {
      for (const file of filesOf(/checkpoint/)) rmSync(file);
      const commit = filesOf(/_delta_log\/\d+\.json$/).findLast((file) =>
        readFileSync(file, "utf8").includes('{"add"'),
      )!;
      const add = readFileSync(commit, "utf8")
        .split("\n")
        .find((line) => line.startsWith('{"add"'))!;
      const { path } = (JSON.parse(add) as { add: { path: string } }).add;
      cpSync(join(bench.table, path), join(bench.table, `${path}.copy`));
      appendFileSync(commit, `${add.replace(path, `${path}.copy`)}\n`);
    },
    verdict: /should stand 1 times in the table, and stands 2 times/,
  },
  {
    name: "a done mark that is gone",
    harm: () => rmSync(filesOf(/\.done\.json$/).at(-1)!),
    verdict: /done\.json is not there/,
  },
  {
    name: "a version that is no commit of the pipeline",
    harm: () => {
      const [last] = filesOf(/_delta_log\/\d+\.json$/).slice(-1);
      const next = last!.replace(
        /(\d{20})\.json$/,
        (_all, digits: string) => `${String(Number(digits) + 1).padStart(20, "0")}.json`,
      );
      writeFileSync(next, '{"commitInfo":{"timestamp":1,"operation":"WRITE","txnId":"x"}}\n');
    },
    verdict: /is no commit of the pipeline/,
  },
  {
    name: "a decision that was not carried out",
    harm: () => {
      const manifest = filesOf(/batches\/\d+-[^.]+\.json$/).find((file) =>
        readFileSync(file, "utf8").includes("quarantined"),
      )!;
      const { batchId, arrivals } = JSON.parse(readFileSync(manifest, "utf8")) as {
        readonly batchId: string;
        readonly arrivals: readonly { key: string; generation: string; outcome: string }[];
      };
      const { key, generation } = arrivals.find(({ outcome }) => outcome === "quarantined")!;
      const decision = { schemaVersion: 1, kind: "retry", at: "", arrivals: [{ key, generation, batchId }] };
      mkdirSync(join(bench.table, "_landfall/prove/decisions"), { recursive: true });
      const path = join(bench.table, `_landfall/prove/decisions/${uuidv7()}.json`);
      writeFileSync(path, JSON.stringify(decision));
    },
    verdict: /was to be read again, and has not been/,
  },
] as const) {
  test(`${name} is seen`, async () => {
    try {
      harm();
      assert.match(await ask(), verdict);
    } finally {
      rmSync(bench.table, { recursive: true });
      cpSync(asItWas, bench.table, { recursive: true });
    }
  });
}
