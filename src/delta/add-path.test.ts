import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../base/landfall-error.ts";
import {
  canonicalPath,
  decodeAddPath,
  encodeAddPath,
  escapePartitionText,
  partitionDirectory,
  storageKeyOfPath,
} from "./add-path.ts";
import { dataFilePlace } from "./data-file.ts";

test("partition values become the directories and paths that Spark writes", () => {
  const vectors: [value: string | null, directory: string, path: string][] = [
    ["A/A", "x=A%2FA", "x=A%252FA"],
    ["2021-09-08 11:11:11", "x=2021-09-08 11%3A11%3A11", "x=2021-09-08%2011%253A11%253A11"],
    ["bar+%21", "x=bar+%2521", "x=bar+%252521"],
    [null, "x=__HIVE_DEFAULT_PARTITION__", "x=__HIVE_DEFAULT_PARTITION__"],
    ["", "x=__HIVE_DEFAULT_PARTITION__", "x=__HIVE_DEFAULT_PARTITION__"],
    ["a b", "x=a b", "x=a%20b"],
    ["}<>|", "x=}<>|", "x=%7D%3C%3E%7C"],
    ["\u0001\u007f", "x=%01%7F", "x=%2501%257F"],
    ["é", "x=é", "x=%C3%A9"],
  ];
  for (const [value, directory, path] of vectors) {
    assert.equal(partitionDirectory(["x"], { x: value }), directory);
    assert.equal(encodeAddPath(directory), path);
    assert.equal(decodeAddPath(path), directory);
  }
  assert.equal(escapePartitionText("\"#%'*/:=?\\{[]^"), "%22%23%25%27%2A%2F%3A%3D%3F%5C%7B%5B%5D%5E");
});

test("raw and encoded non-ASCII paths name the same file", () => {
  assert.equal(decodeAddPath("x=🎉/f.parquet"), decodeAddPath("x=%F0%9F%8E%89/f.parquet"));
});

test("any path comes back from its encoding and is plain ASCII in between", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (path) => {
      const encoded = encodeAddPath(path);
      assert.equal(decodeAddPath(encoded), path);
      assert.match(encoded, /^[!-~]*$/);
      assert.ok(!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(encoded), "no scheme");
    }),
  );
});

test("a data file's two names lead to the same object, whatever the partition value", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      const place = dataFilePlace({
        index: 3,
        uuid: "80a083e8-7026-4e79-81be-64bd76c43a11",
        codec: "snappy",
        partitionColumns: ["p q"],
        partitionValues: { "p q": value },
      });
      assert.equal(storageKeyOfPath(place.path), place.key);
      assert.equal(place.key.split("/").length, 2);
      assert.ok(place.key.endsWith("/part-00003-80a083e8-7026-4e79-81be-64bd76c43a11-c000.snappy.parquet"));
    }),
  );
});

test("absolute forms of one file have one canonical form", () => {
  const forms = ["/a/p@%23h%20x", "file:/a/p@%23h%20x", "file:///a/p@%23h%20x", "file:///a//./p@%23h%20x"];
  assert.deepEqual([...new Set(forms.map((form) => canonicalPath(form)))], ["file:/a/p@#h x"]);
  assert.equal(canonicalPath("s3a://bucket/a/b"), canonicalPath("s3://bucket/a/b"));
  assert.notEqual(canonicalPath("s3://bucket/a"), canonicalPath("s3://other/a"));
  assert.notEqual(canonicalPath("a/b"), canonicalPath("/a/b"));
  assert.equal(canonicalPath("x/../a%2520b"), "a%20b");
});

test("below the root an absolute path has the form of the relative one", () => {
  const root = "/data/the table";
  for (const path of [
    "a%20b/c",
    "./a b//c",
    "/data/the%20table/a%20b/c",
    "FILE:///data/x/../the%20table/a%20b/c",
  ])
    assert.equal(canonicalPath(path, root), "a b/c", path);
  for (const path of [
    "/data/the%20table2/c",
    "/data/the%20table",
    "s3://data/the%20table/c",
    "file://data/the%20table/c",
  ])
    assert.equal(canonicalPath(path, root), canonicalPath(path), path);
});

test("a file outside the table has no key in its storage", () => {
  for (const path of ["/a/b", "file:/a/b", "s3://bucket/a", "..//Users/a", "../a"]) {
    assert.equal(storageKeyOfPath(path), undefined, path);
  }
  assert.equal(storageKeyOfPath("a%2520b/c%20d"), "a%2520b/c%20d");
});

test("a path that is no encoded UTF-8 is refused by name and still matches itself", () => {
  for (const path of ["a%E9", "a%", "a%zz"]) {
    assert.throws(
      () => decodeAddPath(path, "/tables/one"),
      (error) => isLandfallError(error, "TABLE_LOG_CORRUPT") && error.message.includes("of /tables/one"),
    );
    assert.equal(canonicalPath(path), path);
  }
});
