/** Writes to any table are killed at each of their points: what is read afterwards is the version before or the one after, and the same command ends what was begun. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openTable } from "../../src/write/open-table.ts";
import { agingTable, type AgingTable } from "../support/aging-table.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Those of `src/write/` that these commands pass. */
const VACUUM = ["write.before", "write.committed", "vacuum.started", "vacuum.deleted", "vacuum.folders"];
const RESTORE = ["write.before", "write.committed"];

async function read(folder: string): Promise<{ readonly ids: number[]; readonly recent: number[] }> {
  await using table = openTable(folder, { threads: 1, memory: "256m" });
  const { findings } = await table.check({ data: true });
  assert.deepEqual(findings, []);
  const idsAt = async (version?: number): Promise<number[]> => {
    const ids: number[] = [];
    for await (const batch of (await table.snapshot({ version })).scan())
      for (const { id } of batch.rows()) ids.push(Number(id));
    return ids.sort((a, b) => a - b);
  };
  return { ids: await idsAt(), recent: await idsAt(2) };
}

/** What the command does, killed at a point, and again to its end. */
async function killed(args: readonly string[], point: string, between: () => Promise<void>): Promise<void> {
  const first = await runLandfall(args, { env: { LANDFALL_FAULT: `${point}:1` } });
  assert.equal(first.signal, "SIGKILL", first.stderr);
  await between();
  const again = await runLandfall(args);
  assert.equal(again.code, 0, again.stderr);
}

describe("a write that is killed", () => {
  test("has a test at each of its points", () => {
    const inCode = globSync("src/write/{vacuum,restore}/*.ts", { cwd: ROOT }).flatMap((file) =>
      [...readFileSync(join(ROOT, file), "utf8").matchAll(/faultPoint\("([\w.]+)"\)/g)].map(
        (match) => match[1]!,
      ),
    );
    assert.deepEqual(inCode.sort(), VACUUM.filter((point) => point.startsWith("vacuum.")).sort());
  });

  for (const point of VACUUM) {
    test(`a vacuum at ${point}`, async (t) => {
      const folder = join(temporaryFolder(t), "table");
      const table: AgingTable = await agingTable(folder);
      await killed(["table", "vacuum", folder], point, async () => {
        assert.deepEqual(await read(folder), { ids: table.ids[3], recent: table.ids[2] });
      });
      assert.deepEqual(await read(folder), { ids: table.ids[3], recent: table.ids[2] });
      for (const path of table.gone) assert.ok(!existsSync(join(folder, path)), path);
    });
  }

  for (const point of RESTORE) {
    test(`a restore at ${point}`, async (t) => {
      const folder = join(temporaryFolder(t), "table");
      const { ids } = await agingTable(folder);
      await killed(["table", "restore", folder, "--version", "1"], point, async () => {
        assert.deepEqual((await read(folder)).ids, ids[point === "write.before" ? 3 : 1]);
      });
      assert.deepEqual((await read(folder)).ids, ids[1]);
    });
  }
});
