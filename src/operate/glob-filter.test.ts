import assert from "node:assert/strict";
import { test } from "node:test";
import { encodePathBytes } from "../base/path-bytes.ts";
import { globFilter } from "./glob-filter.ts";

const NAMES = ["co/\u0001.json", "co/%01.json", "co/a b.json", "d=10%3A00/x.json", "d\n/x.json"];

function accepted(glob: string): string[] {
  const { keyPrefix, accepts } = globFilter(glob);
  return NAMES.filter((name) => {
    const key = encodePathBytes(name);
    return key.startsWith(keyPrefix) && accepts(key);
  });
}

test("a glob means files by what is shown of them, and by what they are called where that is nothing shown", () => {
  assert.deepEqual(accepted("co/%01.json"), ["co/\u0001.json"]);
  assert.deepEqual(accepted("co/%2501.json"), ["co/%01.json"]);
  assert.deepEqual(accepted("co/*.json"), NAMES.slice(0, 3));
  assert.deepEqual(accepted("a b.json"), ["co/a b.json"]);
  assert.deepEqual(accepted("d=10%3A00/*"), ["d=10%3A00/x.json"]);
  assert.deepEqual(accepted("d%0A/*"), ["d\n/x.json"]);
});
