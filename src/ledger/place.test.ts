import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isLandfallError } from "../base/landfall-error.ts";
import { checkLedgerPlace } from "./place.ts";

test("place: a local folder is made, found fit, and left empty", async () => {
  const folder = await mkdtemp(join(tmpdir(), "landfall-place-"));
  try {
    await checkLedgerPlace(join(folder, "a", "b"));
    assert.deepEqual(await readdir(join(folder, "a", "b")), []);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("place: a path below a file is refused with what to do", async () => {
  const folder = await mkdtemp(join(tmpdir(), "landfall-place-"));
  try {
    await writeFile(join(folder, "file"), "");
    await chmod(join(folder, "file"), 0o600);
    await assert.rejects(
      checkLedgerPlace(join(folder, "file", "state")),
      (error) => isLandfallError(error, "LEDGER_FAILED") && error.hint.includes("--state"),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
