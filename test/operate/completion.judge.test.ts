/** The scripts of `landfall completion`, read by the shells that they are for. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

for (const shell of ["zsh", "fish"]) {
  const isThere = spawnSync(shell, ["--version"]).status === 0;
  test(`${shell} can read its script`, { skip: !isThere && `no ${shell} here` }, async (t) => {
    const file = join(temporaryFolder(t), "script");
    const { code, stdout } = await runLandfall(["completion", shell]);
    assert.equal(code, 0);
    writeFileSync(file, stdout);
    const { status, stderr } = spawnSync(shell, ["-n", file], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });
}
