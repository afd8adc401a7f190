/** `landfall completion`: what bash offers behind a few words, and what stands in every script. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const scripts = new Map<string, string>();

before(async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await runLandfall(["completion", shell]);
    assert.equal(code, 0);
    scripts.set(shell, stdout);
  }
});

/** What bash offers for the last of these words. */
function offered(folder: string, ...words: readonly string[]): string[] {
  const ask = `source ./completion.bash
COMP_WORDS=(landfall "$@"); COMP_CWORD=$#; _landfall; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", ask, "bash", ...words], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  assert.equal(stderr, "");
  return stdout.split("\n").filter((line) => line !== "");
}

test("bash: commands, flags, values of choices, files", (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "completion.bash"), scripts.get("bash")!);
  mkdirSync(join(folder, "my arrivals"));
  writeFileSync(join(folder, "my.yaml"), "");
  const ask = (...words: readonly string[]): string[] => offered(folder, ...words);
  assert.deepEqual(ask("in"), ["ingest", "init"]);
  assert.deepEqual(ask("table", "s"), ["show", "schema"]);
  assert.deepEqual(ask("completion", ""), ["bash", "zsh", "fish"]);
  assert.deepEqual(ask("ingest", "--on-o"), ["--on-overwrite"]);
  assert.deepEqual(ask("run", "--dry"), ["--dry-run"]);
  assert.deepEqual(ask("ingest", "in", "table", "--on-overwrite", ""), ["ignore", "append", "fail"]);
  assert.deepEqual(ask("files", "list", "table", "--li"), ["--limit"]);
  assert.deepEqual(ask("files", "list", "table", "--limit", ""), []);
  assert.deepEqual(ask("check", "my"), ["my arrivals", "my.yaml"].toSorted());
  assert.deepEqual(ask("init", "--out", "my."), ["my.yaml"]);
  assert.deepEqual(ask("--vers"), ["--version"]);
});

test("bash can read its script", (t) => {
  const file = join(temporaryFolder(t), "script");
  writeFileSync(file, scripts.get("bash")!);
  const { status, stderr } = spawnSync("bash", ["-n", file], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
});

test("every command of the help is in each script", async () => {
  const { stdout } = await runLandfall(["--help"]);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+)[ [<].*$/gm)].map((match) => match[1]!);
  assert.ok(commands.includes("ingest") && commands.includes("check"));
  for (const [shell, script] of scripts)
    for (const command of commands)
      if (command !== "help") assert.ok(script.includes(command), `${shell}: ${command}`);
});

test("another shell is refused by name", async () => {
  const { code, stderr } = await runLandfall(["completion", "tcsh"]);
  assert.equal(code, 2);
  assert.match(stderr, /error USAGE .*tcsh/);
});
