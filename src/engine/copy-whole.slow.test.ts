/** The Parquet files of other people's tables, copied where they may be, give what they give when they are written anew. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { corporaFolder, corporaMissing } from "../../test/support/corpora.ts";
import { rowsOf, stageRequest } from "../../test/support/stage-files.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { encodePathBytes } from "../base/path-bytes.ts";
import { formatDdl } from "../schema/format-ddl.ts";
import type { StageResult } from "./engine.ts";

const engine = testEngine();

test("Parquet of the corpora, every sixth file", { skip: corporaMissing() }, async (t) => {
  const folder = temporaryFolder(t);
  const root = join(corporaFolder(), "delta");
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".parquet"),
  );
  let copied = 0;
  const some = names.sort().filter((_, at) => at % 6 === 0);
  for (const [at, name] of some.entries()) {
    const path = join(root, name);
    const files = [
      { key: encodePathBytes(`${at}.parquet`), path: encodePathBytes(path), size: statSync(path).size },
    ];
    const stage = (copyFromBytes: number): Promise<StageResult> =>
      engine.stage(stageRequest(folder, { format: "parquet", files, copyFromBytes }));
    const [copying, writing] = [await stage(0), await stage(Infinity)];
    assert.deepEqual(copying.files, writing.files, name);
    if (copying.files[0]!.outcome === "quarantined" || copying.dataFiles.length === 0) continue;
    assert.equal(formatDdl(copying.schema), formatDdl(writing.schema), name);
    assert.deepEqual(await rowsOf(engine, copying), await rowsOf(engine, writing), name);
    if (readFileSync(copying.dataFiles[0]!.path).equals(readFileSync(path))) copied += 1;
  }
  t.diagnostic(`${copied} of ${some.length} files copied`);
  assert.ok(copied > some.length / 2);
});
