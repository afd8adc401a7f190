import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import { localStorage } from "../storage/local-storage.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import { encodeAddPath } from "./add-path.ts";
import { localFiles, locateFile } from "./locate-file.ts";

const table = localStorage({ root: "/data/the table" });

function failsAs(code: LandfallError["code"], path: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isLandfallError(error, code), `${path}: ${String(error)}`);
    assert.ok(error.message.includes(path), error.message);
    return true;
  };
}

test("the forms of a path below the root are one file", () => {
  for (const path of [
    "a%20b/c.parquet",
    "a b/c.parquet",
    "./a%20b//c.parquet",
    "x/../a%20b/c.parquet",
    "a%20b%2Fc.parquet",
    "/data/the%20table/a%20b/c.parquet",
    "file:/data/the%20table/a%20b/c.parquet",
    "file:///data/the%20table/a%20b/c.parquet",
    "FILE:///data/./the%20table/a%20b/c.parquet",
  ]) {
    const found = locateFile({ storage: table, path, allowOutside: false });
    assert.deepEqual(found, { kind: "inside", key: "a%20b/c.parquet" }, path);
  }
  // Decoded once: what was encoded twice stays a name with a percent sign.
  const twice = locateFile({ storage: table, path: "p=a%252Fb/c", allowOutside: false });
  assert.deepEqual(twice, { kind: "inside", key: "p=a%252Fb/c" });
});

test("paths that leave the root are refused by name, and gone to only where that is allowed", () => {
  const outside: readonly (readonly [string, string])[] = [
    ["../x.parquet", "/data/x.parquet"],
    ["a/../../x.parquet", "/data/x.parquet"],
    ["..%2Fx.parquet", "/data/x.parquet"],
    ["%2e%2e/x.parquet", "/data/x.parquet"],
    ["%2E%2E%2F%2E%2E%2Fx", "/x"],
    ["..//data/x.parquet", "/data/data/x.parquet"],
    ["file:///data/the%20table/../x.parquet", "/data/x.parquet"],
    ["/data/the%20table2/x", "/data/the table2/x"],
    ["/data/the%2520table/x", "/data/the%20table/x"],
  ];
  for (const [path, plain] of outside) {
    const ask = (allowOutside: boolean): unknown => locateFile({ storage: table, path, allowOutside });
    assert.throws(() => ask(false), failsAs("TABLE_FILE_OUTSIDE", path));
    assert.deepEqual(ask(true), { kind: "outside", path: plain }, path);
  }
  for (const path of ["s3://bucket/x", "https://host/x", "file://host/share/x"]) {
    assert.throws(
      () => locateFile({ storage: table, path, allowOutside: false }),
      failsAs("TABLE_FILE_OUTSIDE", path),
    );
    assert.throws(
      () => locateFile({ storage: table, path, allowOutside: true }),
      failsAs("TABLE_FEATURE_UNSUPPORTED", path),
    );
  }
  for (const path of ["", "a/", "a%00b", "a%E9"]) {
    assert.throws(
      () => locateFile({ storage: table, path, allowOutside: true }),
      failsAs("TABLE_LOG_CORRUPT", JSON.stringify(path)),
    );
  }
  const inMemory = memoryStorage();
  assert.throws(
    () => locateFile({ storage: inMemory, path: "/x", allowOutside: true }),
    failsAs("TABLE_FEATURE_UNSUPPORTED", "/x"),
  );
});

test("whatever the path, a key never leads out of the root", () => {
  const piece = fc.constantFrom(
    "..",
    ".",
    "a",
    "%2e",
    "%2E%2e",
    "/",
    "%2F",
    "\\",
    "%5C",
    "%25",
    "file:",
    "//",
    " ",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const path = pieces.join("");
      try {
        const found = locateFile({ storage: table, path, allowOutside: false });
        assert.ok(found.kind === "inside");
        assert.ok(!found.key.split("/").some((part) => part === ".." || part === "."), found.key);
        assert.ok(table.localPath(found.key).startsWith("/data/the table/"));
      } catch (error) {
        assert.ok(
          isLandfallError(error, "TABLE_FILE_OUTSIDE") || isLandfallError(error, "TABLE_LOG_CORRUPT"),
          `${path}: ${String(error)}`,
        );
      }
    }),
    { numRuns: 3000 },
  );
});

test("links out of the root are refused, for files and for folders; links within are followed", async (t) => {
  const folder = temporaryFolder(t);
  const root = join(folder, "table");
  mkdirSync(join(root, "p"), { recursive: true });
  mkdirSync(join(folder, "elsewhere"));
  writeFileSync(join(root, "p/in.parquet"), "");
  writeFileSync(join(folder, "elsewhere/out é.parquet"), "");
  symlinkSync(join(folder, "elsewhere/out é.parquet"), join(root, "file.parquet"));
  symlinkSync(join(folder, "elsewhere"), join(root, "folder"));
  symlinkSync(join(root, "p"), join(root, "q"));
  const storage = localStorage({ root });
  const [inside, anywhere] = [false, true].map((allowOutside) => localFiles({ storage, allowOutside }));
  for (const path of ["p/in.parquet", "q/in.parquet", pathToFileURL(join(root, "p/in.parquet")).href])
    assert.match(await inside!(path), /\/[pq]\/in\.parquet$/);
  for (const path of ["file.parquet", encodeAddPath("folder/out é.parquet")]) {
    await assert.rejects(inside!(path), failsAs("TABLE_FILE_OUTSIDE", path));
    assert.ok((await anywhere!(path)).startsWith(root));
  }
  await assert.rejects(inside!("gone.parquet"), failsAs("OBJECT_MISSING", "gone.parquet"));
  const linked = join(folder, "linked");
  symlinkSync(root, linked);
  const throughLink = localFiles({ storage: localStorage({ root: linked }), allowOutside: false });
  assert.equal(await throughLink("p/in.parquet"), join(linked, "p/in.parquet"));
});
