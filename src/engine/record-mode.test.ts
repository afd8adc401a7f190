import assert from "node:assert/strict";
import { test } from "node:test";
import { type FileContents, stageRequest, writeFiles } from "../../test/support/stage-files.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { DEFAULT_FORMAT_OPTIONS } from "../formats/format-options.ts";
import type { RecordMode } from "../formats/record-mode.ts";
import type { StageResult } from "./engine.ts";

const engine = testEngine();

function stage(
  folder: string,
  options: { readonly format: "json" | "csv"; readonly mode: RecordMode; readonly contents: FileContents },
): Promise<StageResult> {
  const { format, mode, contents } = options;
  const { json, csv } = DEFAULT_FORMAT_OPTIONS;
  const formats = { ...DEFAULT_FORMAT_OPTIONS, json: { ...json, mode }, csv: { ...csv, mode } };
  return engine.stage(stageRequest(folder, { format, formats, files: writeFiles(folder, contents) }));
}

const LINES = { "b.json": "{nope\n", "a.json": '{"id":1}\n{"id":2}\n{broken\n{worse\n' };

test("under FAILFAST the first broken record fails the batch with its file, number and place", async (t) => {
  const failed = stage(temporaryFolder(t), { format: "json", mode: "FAILFAST", contents: LINES });
  await assert.rejects(
    failed,
    (error) =>
      isLandfallError(error, "RECORD_BROKEN") &&
      error.message.startsWith("a.json: record 3, which begins at byte 18, cannot be read: ") &&
      error.message.endsWith("json.mode is FAILFAST."),
  );
  const csv = stage(temporaryFolder(t), {
    format: "csv",
    mode: "FAILFAST",
    contents: { "a.csv": 'id,name\n1,x\n2,"y"z\n3,w\n' },
  });
  await assert.rejects(
    csv,
    (error) => isLandfallError(error, "RECORD_BROKEN") && error.message.includes("a.csv: record 2, which"),
  );
});

test("under FAILFAST what is whole is staged, and a value that does not fit is rescued", async (t) => {
  const contents = { "a.json": '{"id":1}\n{"id":2}\n', "b.json": "" };
  const { files } = await stage(temporaryFolder(t), { format: "json", mode: "FAILFAST", contents });
  assert.deepEqual(
    files.map(({ written, rejected }) => [written, rejected]),
    [
      [2, 0],
      [0, 0],
    ],
  );
});

test("PERMISSIVE and DROPMALFORMED both reject and count broken records", async (t) => {
  for (const mode of ["PERMISSIVE", "DROPMALFORMED"] as const) {
    const { files, rejects } = await stage(temporaryFolder(t), { format: "json", mode, contents: LINES });
    assert.deepEqual(
      files.map(({ key, written, rejected }) => [key, written, rejected]),
      [
        ["b.json", 0, 1],
        ["a.json", 2, 2],
      ],
    );
    assert.equal(rejects?.rows, 3);
  }
});
