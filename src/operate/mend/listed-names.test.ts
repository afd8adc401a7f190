import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { listedNames } from "./listed-names.ts";

test("whatever a file is called, a loader's URI of it leads back to it", () => {
  const part = fc
    .string({ unit: "grapheme", minLength: 1 })
    .filter((text) => text.isWellFormed() && !/[/\0]/.test(text));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), fc.boolean(), (parts, encodes) => {
      const name = parts.join("/");
      const written = encodes ? parts.map(encodeURIComponent).join("/") : name;
      const of = (path: string, listSource?: string): readonly string[] | undefined =>
        listedNames(path, { source: "/data/in", listSource });
      assert.ok(of(`s3://bucket/raw/${written}`, "s3://bucket/raw")?.includes(name));
      assert.ok(of(`file:///data/in/${written}`)?.includes(`/data/in/${name}`));
      assert.ok(of(`/data/in/${name}`)?.includes(`/data/in/${name}`));
    }),
  );
});

test("what lies elsewhere has no name in the source", () => {
  const of = (path: string, listSource?: string): readonly string[] | undefined =>
    listedNames(path, { source: "/data/in", listSource });
  for (const path of ["s3://bucket/raw/a", "/data/in2/a", "/data/in", "file:/data/other/a"])
    assert.equal(of(path), undefined, path);
  assert.equal(of("s3://bucket/raw2/a", "s3://bucket/raw"), undefined);
  assert.deepEqual(of("file:/mnt/raw/a", "/mnt/raw/"), ["a"]);
  assert.deepEqual(of("2026/a"), ["2026/a"], "a relative one is below the source");
});
