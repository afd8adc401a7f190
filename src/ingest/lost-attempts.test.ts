import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { localStorage } from "../storage/local-storage.ts";
import { removeCutOffWrites } from "./lost-attempts.ts";

const CUT_OFF = ".landfall-tmp-01a2040f-e2b2-7436-83ae-79004557f153-";
const OF_STATE = [
  "_delta_log/00000000000000000001.json",
  "_landfall/p/pipeline.json",
  "_landfall/p/batches/0000000001-x.json",
  "_landfall/p/compactions/x.json",
  "_landfall/p/decisions/x.json",
  "_landfall/p/relocations/0000000001.json",
  "_landfall/p/vacated/0000000001-x.json",
  "_landfall/p/vacated-folded/x.json",
];
/** Of another pipeline, and of data that a batch under way may be writing. */
const OF_OTHERS = ["_landfall/q/batches/x.json", "_landfall/p/rejects/x.parquet", "p=1/x.parquet"];

test("writes that were cut off go from the log and from every folder of state, and from nowhere else", async (t) => {
  const root = temporaryFolder(t);
  const cutOff = (key: string): string => join(dirname(key), CUT_OFF + key.split("/").at(-1));
  for (const key of [...OF_STATE, ...OF_OTHERS]) {
    mkdirSync(join(root, dirname(key)), { recursive: true });
    writeFileSync(join(root, key), "");
    writeFileSync(join(root, cutOff(key)), "");
  }
  await removeCutOffWrites({
    name: "p",
    table: { storage: localStorage({ root }) },
    emit: (event) => assert.fail(event.type),
  });
  const left = readdirSync(root, { recursive: true, encoding: "utf8" });
  const files = new Set(left.filter((name) => /\.\w+$/.test(name)));
  assert.deepEqual(files, new Set([...OF_STATE, ...OF_OTHERS, ...OF_OTHERS.map(cutOff)]));
});
