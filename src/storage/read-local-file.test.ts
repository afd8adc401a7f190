import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { readLocalFile } from "./read-local-file.ts";

test("gives a file's bytes, whatever its size", async (t) => {
  const path = join(temporaryFolder(t), "file");
  for (const size of [0, 1, 65_535, 65_536, 65_537, 300_000]) {
    const content = Buffer.alloc(size, "abc");
    writeFileSync(path, content);
    assert.deepEqual(await readLocalFile(path), content, String(size));
  }
});

test("a file that is not there, and a folder, are errors with their codes", async (t) => {
  const folder = temporaryFolder(t);
  await assert.rejects(readLocalFile(join(folder, "none")), { code: "ENOENT" });
  await assert.rejects(readLocalFile(folder), { code: "EISDIR" });
});

test("a device is refused, also behind a link", async (t) => {
  const link = join(temporaryFolder(t), "file");
  symlinkSync("/dev/zero", link);
  await assert.rejects(readLocalFile(link), /a device stands where a file is needed/);
});

test("a named pipe holds up nothing else", async (t) => {
  const path = join(temporaryFolder(t), "pipe");
  assert.equal(spawnSync("mkfifo", [path]).status, 0);
  const content = readLocalFile(path);
  const writer = spawn("sh", ["-c", `printf said > '${path}'`], { stdio: "ignore" });
  const closed = once(writer, "close");
  assert.equal(String(await content), "said");
  await closed;
});
