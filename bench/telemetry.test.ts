import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "../examples/generate/random.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { ROW_BYTES, telemetryRow, writeTelemetry } from "./telemetry.ts";

test("a row has twelve fields, two of them structs and one an array, and is plain JSON", () => {
  const row = JSON.parse(telemetryRow(seededRandom(1), 0)) as Record<string, unknown>;
  const values = Object.values(row);
  assert.equal(values.length, 12);
  assert.equal(values.filter((value) => Array.isArray(value)).length, 1);
  assert.equal(values.filter((value) => typeof value === "object" && !Array.isArray(value)).length, 2);
  assert.equal(Number.isInteger(row["odo_m"]), true);
  assert.equal(new Date(row["at"] as string).toISOString(), row["at"]);
});

test("the same seed writes the same bytes, another seed others", async (t) => {
  const root = temporaryFolder(t);
  const [a, b, c] = [join(root, "a"), join(root, "b"), join(root, "c")] as const;
  const size = { rows: 50, files: 3 };
  await writeTelemetry({ ...size, folder: a, seed: 7 });
  await writeTelemetry({ ...size, folder: b, seed: 7 });
  await writeTelemetry({ ...size, folder: c, seed: 8 });
  const contents = (folder: string): string[] =>
    readdirSync(folder).map((name) => `${name}\n${readFileSync(join(folder, name), "utf8")}`);
  assert.deepEqual(contents(a), contents(b));
  assert.notDeepEqual(contents(a), contents(c));
});

test("every row is written once, in order, spread over the files, and takes 261.5 bytes on the average", async (t) => {
  const folder = join(temporaryFolder(t), "made");
  const names = await writeTelemetry({ folder, rows: 20_003, files: 4, seed: 3 });
  assert.deepEqual(names, readdirSync(folder).sort());
  const lines = names.flatMap((name) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n"));
  assert.equal(lines.length, 20_003);
  const instants = lines.map((line) => (JSON.parse(line) as { at: string }).at);
  assert.deepEqual(instants, instants.toSorted());
  assert.equal(new Set(lines.map((line) => (JSON.parse(line) as { id: string }).id)).size, 20_003);
  const bytes = names.reduce((total, name) => total + statSync(join(folder, name)).size, 0);
  assert.ok(Math.abs(bytes / 20_003 / ROW_BYTES - 1) < 0.01, `${bytes / 20_003} bytes a row`);
});

test("a file of no rows is empty", async (t) => {
  const folder = temporaryFolder(t);
  const names = await writeTelemetry({ folder, rows: 1, files: 2, seed: 3 });
  assert.deepEqual(
    names.map((name) => statSync(join(folder, name)).size > 0),
    [false, true],
  );
});
