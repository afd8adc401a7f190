import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { encodePathBytes } from "../base/path-bytes.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isSameFile, linkOrCopy, removeCutOff, removeFile, writeNew } from "./link-or-copy.ts";
import { folderOf, makeFolders } from "./make-folder.ts";

const OTHER = "/dev/shm";

test("a second name is never given over another file", async (t) => {
  const folder = encodePathBytes(temporaryFolder(t));
  writeFileSync(join(folder, "a"), "1");
  writeFileSync(join(folder, "taken"), "2");
  assert.equal(await linkOrCopy(`${folder}/a`, `${folder}/b`), "created");
  assert.equal(await linkOrCopy(`${folder}/a`, `${folder}/taken`), "exists");
  assert.equal(await writeNew(`${folder}/taken`, "3"), "exists");
  assert.equal(readFileSync(join(folder, "taken"), "utf8"), "2");
  assert.deepEqual(readdirSync(folder).sort(), ["a", "b", "taken"]);
  await removeFile(`${folder}/a`);
  await removeFile(`${folder}/a`);
  assert.equal(readFileSync(join(folder, "b"), "utf8"), "1");
});

test("to another file system a file is copied, with its time", { skip: !existsSync(OTHER) }, async (t) => {
  const folder = encodePathBytes(temporaryFolder(t));
  const far = mkdtempSync(join(OTHER, "landfall-test-"));
  t.after(() => rmSync(far, { recursive: true }));
  writeFileSync(join(folder, "a"), "1");
  utimesSync(join(folder, "a"), 1, 1_700_000_000.123);
  assert.equal(await linkOrCopy(`${folder}/a`, `${far}/a`), "created");
  assert.equal(await isSameFile(`${folder}/a`, `${far}/a`), true);
  assert.equal(await linkOrCopy(`${folder}/a`, `${far}/a`), "exists");
  assert.deepEqual(readdirSync(far), ["a"]);
});

test("what a dead process left of a file goes by that file's name, and nothing else does", async (t) => {
  const folder = encodePathBytes(temporaryFolder(t));
  const id = "01a2040f-e2b2-7436-83ae-79004557f153";
  const odd = Buffer.from([0x61, 0xff, 0x20]);
  const cutOff = (name: Buffer | string): Buffer =>
    Buffer.concat([Buffer.from(`${folder}/.landfall-tmp-${id}-`), Buffer.from(name)]);
  for (const name of [odd, "other", "plain"]) writeFileSync(cutOff(name), "half");
  writeFileSync(join(folder, "plain"), "whole");
  await removeCutOff(`${folder}/a%FF%20`);
  await removeCutOff(`${folder}/plain`);
  await removeCutOff(`${folder}/nowhere/plain`);
  assert.deepEqual(readdirSync(folder).sort(), [`.landfall-tmp-${id}-other`, "plain"]);
});

test("a file is itself under another name, or its copy of the same time; never by its bytes alone", async (t) => {
  const folder = encodePathBytes(temporaryFolder(t));
  for (const [name, content] of Object.entries({
    a: "12",
    copy: "12",
    later: "12",
    other: "13",
    long: "123",
  })) {
    writeFileSync(join(folder, name), content);
    utimesSync(join(folder, name), 1, name === "later" ? 8 : 7);
  }
  await linkOrCopy(`${folder}/a`, `${folder}/linked`);
  mkdirSync(join(folder, "folder"));
  const same = async (name: string): Promise<boolean> => isSameFile(`${folder}/a`, `${folder}/${name}`);
  const found = await Promise.all(["linked", "copy", "later", "other", "long", "folder", "none"].map(same));
  assert.deepEqual(found, [true, true, false, false, false, false, false]);
});

test("folders are made with their parents, whatever bytes their names have; a file in the way is told", async (t) => {
  const folder = encodePathBytes(temporaryFolder(t));
  await makeFolders(`${folder}/x%FF/y`);
  await makeFolders(`${folder}/x%FF/y`);
  assert.equal(await writeNew(`${folder}/x%FF/y/a`, "1"), "created");
  await assert.rejects(makeFolders(`${folder}/x%FF/y/a/b`), { code: "ENOTDIR" });
  await assert.rejects(makeFolders(`${folder}/x%FF/y/a`), { code: "EEXIST" });
  assert.deepEqual([folderOf("/a/b"), folderOf("/a")], ["/a", "/"]);
});

test(
  "a file system that takes no new folder says so, and does not keep anybody",
  { skip: process.platform !== "linux" },
  async () => {
    await assert.rejects(makeFolders("/proc/nowhere/at/all"), { code: "ENOENT" });
  },
);
