import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { displayKey, encodePathBytes } from "../base/path-bytes.ts";
import { endsWithName, meantKeys, nearKeys, possibleKeys } from "./file-names.ts";

const part = fc
  .string({ minLength: 1, maxLength: 8 })
  .filter((text) => text.isWellFormed() && !/[/\0]/.test(text) && !/^\.+$/.test(text));

test("a file is found by its path below the source, its absolute path and its key, whatever its name", () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
      const path = parts.join("/");
      const key = encodePathBytes(path);
      const source = "/data/in";
      const here = (name: string): string[] => possibleKeys({ name, absolute: [`/home/me/${name}`], source });
      assert.ok(here(path).includes(key));
      assert.ok(here(key).includes(key));
      const [first] = possibleKeys({ name: `../in/${path}`, absolute: [`${source}/${path}`], source });
      assert.equal(first, key);
      assert.ok(endsWithName(key, displayKey(key)));
    }),
  );
});

test("what is shown of a file finds that file first, also where another is called so", () => {
  const any = fc
    .array(fc.constantFrom("%", "2", "5", "0", "1", "\u0001", "é", "x"), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(any, (name) => {
      const key = encodePathBytes(`in/${name}`);
      const shown = displayKey(key);
      const source = "/da ta";
      const [first] = possibleKeys({ name: shown, absolute: [`/home/${shown}`], source });
      assert.equal(first, key);
      const path = displayKey(encodePathBytes(`${source}/in/${name}`));
      const [byPath] = possibleKeys({ name: path, absolute: [path], source });
      assert.equal(byPath, key);
    }),
  );
});

test("a name that another file is shown as still finds its own file, after that one", () => {
  const options = { name: "%01.json", absolute: ["/home/%01.json"], source: "/data" };
  assert.deepEqual(possibleKeys(options), ["%01.json", "%2501.json"]);
  assert.ok(endsWithName("a/%2501.json", "%01.json"));
  assert.deepEqual(meantKeys(["a/%2501.json", "a/%01.json"], "%01.json"), ["a/%01.json"]);
  assert.deepEqual(meantKeys(["a/%2501.json", "b/%2501.json"], "%01.json"), ["a/%2501.json", "b/%2501.json"]);
});

test("a path beside the source is no key of it", () => {
  const keys = possibleKeys({ name: "x.json", absolute: ["/data/inside/x.json"], source: "/data/in" });
  assert.deepEqual(keys, ["x.json"]);
});

test("a source at the root of the file system has keys without a slash in front", () => {
  assert.equal(possibleKeys({ name: "a", absolute: ["/x/a"], source: "/" })[0], "x/a");
});

test("the end of a path names a file at whole parts only", () => {
  assert.ok(endsWithName("2026/03/broken.json", "broken.json"));
  assert.ok(endsWithName("2026/03/broken.json", "03/broken.json"));
  assert.ok(endsWithName("a/b%20c.json", "b c.json"));
  assert.ok(endsWithName("a/b%20c.json", "b%20c.json"));
  assert.ok(!endsWithName("2026/unbroken.json", "broken.json"));
});

test("near names are those a slip of the finger away, in any folder, at most as many as asked", () => {
  const keys = ["2026/broken.json", "2026/token.csv", "a/brokem.json", "b/brokeen.json"];
  assert.deepEqual(nearKeys("x/borken.json", keys, 2), ["2026/broken.json", "a/brokem.json"]);
  assert.deepEqual(nearKeys("entirely-different.parquet", keys, 5), []);
});
