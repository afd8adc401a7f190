/** What every adapter of the storage port promises; each adapter's test calls it. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../../src/base/landfall-error.ts";
import { listAll, type ListOptions, type Storage } from "../../src/storage/storage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

export function storageContract(name: string, open: (t: TestContext) => Storage): void {
  test(`${name}: what was put is got, byte for byte`, async (t) => {
    const storage = open(t);
    const content = Buffer.from([0, 255, 10, 13, 128]);
    assert.equal(await storage.put("a/b.bin", content), "created");
    assert.deepEqual(await storage.get("a/b.bin"), content);
    const info = await storage.head("a/b.bin");
    assert.equal(info?.size, 5);
    assert.match(info?.modifiedNs ?? "", /^[0-9]{16,}$/);
  });

  test(`${name}: put replaces, put-if-absent does not`, async (t) => {
    const storage = open(t);
    await storage.put("k", "one");
    assert.equal(await storage.put("k", "two"), "created");
    assert.equal(await storage.put("k", "three", { ifAbsent: true }), "exists");
    assert.equal((await storage.get("k")).toString(), "two");
    assert.equal(await storage.put("new", "four", { ifAbsent: true }), "created");
  });

  test(`${name}: of twenty writers at once exactly one creates`, async (t) => {
    const storage = open(t);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => storage.put("log/0.json", `writer ${i}`, { ifAbsent: true })),
    );
    assert.equal(outcomes.filter((outcome) => outcome === "created").length, 1);
    assert.equal((await storage.get("log/0.json")).toString(), `writer ${outcomes.indexOf("created")}`);
    assert.deepEqual(
      (await listAll(storage)).map((object) => object.key),
      ["log/0.json"],
    );
  });

  test(`${name}: putFile takes a local file in and obeys if-absent`, async (t) => {
    const storage = open(t);
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, "one"), "one");
    writeFileSync(join(folder, "two"), "two");
    assert.equal(await storage.putFile("x/data", join(folder, "one"), { ifAbsent: true }), "created");
    assert.equal(await storage.putFile("x/data", join(folder, "two"), { ifAbsent: true }), "exists");
    assert.equal((await storage.get("x/data")).toString(), "one");
    assert.equal(existsSync(join(folder, "one")), false);
  });

  test(`${name}: what is missing is undefined for head, an error with a code for get, nothing for delete`, async (t) => {
    const storage = open(t);
    assert.equal(await storage.head("none"), undefined);
    assert.equal(await storage.head("none/below"), undefined);
    await assert.rejects(storage.get("none"), (error) => isLandfallError(error, "OBJECT_MISSING"));
    await storage.delete("none");
    await storage.put("some", "x");
    await storage.delete("some");
    assert.equal(await storage.head("some"), undefined);
    for (const key of ["a/1", "a/2", "b/1", "kept"]) await storage.put(key, "x");
    await storage.delete(["a/1", "none", "b/1", "a/2"]);
    await storage.delete([]);
    assert.deepEqual(
      (await listAll(storage)).map(({ key }) => key),
      ["kept"],
    );
    assert.deepEqual(await listAll(storage, { prefix: "absent/folder/" }), []);
  });

  test(`${name}: keys are listed in byte order, by prefix and after a key`, async (t) => {
    const storage = open(t);
    const keys = ["a-b", "a.txt", "a/x", "a/y/z", "a0", "b"];
    for (const key of keys.toReversed()) await storage.put(key, key);
    assert.deepEqual(
      (await listAll(storage)).map((object) => object.key),
      keys,
    );
    assert.deepEqual(
      (await listAll(storage, { prefix: "a/" })).map((object) => object.key),
      ["a/x", "a/y/z"],
    );
    assert.deepEqual(
      (await listAll(storage, { prefix: "a" })).map((object) => object.key),
      keys.slice(0, 5),
    );
    assert.deepEqual(
      (await listAll(storage, { startAfter: "a/x" })).map((object) => object.key),
      keys.slice(3),
    );
  });

  test(`${name}: the keys alone are those of the list`, async (t) => {
    const storage = open(t);
    for (const key of ["a-b", "a.txt", "a/x", "a/y/z", "a0", "b"]) await storage.put(key, key);
    const keysOf = (options: ListOptions | undefined): Promise<string[]> =>
      Array.fromAsync(storage.keys(options));
    for (const options of [
      undefined,
      { prefix: "a/" },
      { prefix: "a", startAfter: "a.txt" },
      { prefix: "none/" },
    ])
      assert.deepEqual(
        await keysOf(options),
        (await listAll(storage, options)).map(({ key }) => key),
      );
    assert.deepEqual(await keysOf({ startAfter: "a/x" }), ["a/y/z", "a0", "b"]);
  });

  test(`${name}: folders directly below a prefix are named once, in order`, async (t) => {
    const storage = open(t);
    for (const key of ["s/b/1", "s/a/x/1", "s/a/2", "s/file", "t/c/1"]) await storage.put(key, key);
    assert.deepEqual(await storage.folders("s/"), ["a", "b"]);
    assert.deepEqual(await storage.folders(""), ["s", "t"]);
    assert.deepEqual(await storage.folders("none/"), []);
  });

  test(`${name}: removing what was cut off and making durable touch no object, there or not`, async (t) => {
    const storage = open(t);
    for (const key of ["log/0.json", "log/1.json", "other"]) await storage.put(key, key);
    for (const prefix of ["", "log/", "log/0", "none/"]) await storage.removeLeftovers(prefix);
    for (const key of ["log/0.json", "log/none", "none/at/all"]) await storage.makeDurable(key);
    assert.deepEqual(
      (await listAll(storage)).map((object) => object.key),
      ["log/0.json", "log/1.json", "other"],
    );
  });

  test(`${name}: any key of encoded bytes is stored, listed and got`, async (t) => {
    const storage = open(t);
    const segment = fc
      .string({
        minLength: 1,
        maxLength: 12,
        unit: fc.constantFrom(...Array.from("aZ09 é%*?[]'\"\\#日🚀\n\t={}")),
      })
      .map((text) =>
        [...Buffer.from(text, "utf8")]
          .map((byte) =>
            byte > 0x20 && byte < 0x7f && byte !== 0x25
              ? String.fromCharCode(byte)
              : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
          )
          .join(""),
      );
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 3 }), async (segments) => {
        const key = ["keys", ...segments, "end"].join("/");
        await storage.put(key, key);
        assert.equal((await storage.get(key)).toString(), key);
        assert.ok((await listAll(storage, { prefix: key })).some((object) => object.key === key));
        await storage.delete(key);
      }),
      { numRuns: 40 },
    );
  });
}
