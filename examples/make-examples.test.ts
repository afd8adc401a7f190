import assert from "node:assert/strict";
import { appendFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { TRIPS_PATH } from "./generate/trips.ts";
import { vehicleFiles } from "./generate/vehicles.ts";
import { findDifferences, writeExamples } from "./make-examples.ts";

test("the committed example files are those that the generator makes", async () => {
  assert.deepEqual(await findDifferences(import.meta.dirname), []);
});

test("a changed, a missing and a foreign example file are each named", async (t) => {
  const folder = temporaryFolder(t);
  await writeExamples(folder);
  assert.deepEqual(await findDifferences(folder), []);

  const [first, second] = vehicleFiles().map(({ path }) => join("files", path));
  appendFileSync(join(folder, first!), "\n");
  rmSync(join(folder, second!));
  writeFileSync(join(folder, "files/foreign.txt"), "");
  rmSync(join(folder, "files", TRIPS_PATH));

  assert.deepEqual(
    await findDifferences(folder),
    [first!, second!, "files/foreign.txt", join("files", TRIPS_PATH)].sort(),
  );
});

test("all example files together are smaller than a megabyte", () => {
  const sizes = readdirSync(join(import.meta.dirname, "files"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).size);
  assert.ok(sizes.reduce((total, size) => total + size, 0) < 1_000_000);
});
