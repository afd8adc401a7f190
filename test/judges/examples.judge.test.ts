/** What the generator says that it planted in the example files is what Python finds there. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { judgeMissing, type JudgeRows, startJudge } from "../support/judge.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples");

interface FolderCounts {
  readonly format: string;
  readonly records: number;
  readonly written: number;
  readonly rejected: number;
  readonly filesCommitted: number;
  readonly filesQuarantined: number;
  readonly files: Readonly<Record<string, { readonly records: number; readonly rejected: number }>>;
}

interface InputRows extends JudgeRows {
  readonly files: readonly {
    readonly file: string;
    readonly records: number;
    readonly broken: readonly unknown[];
  }[];
  readonly unreadable: readonly { readonly file: string; readonly error: string }[];
}

const expected = JSON.parse(readFileSync(join(EXAMPLES, "expected.json"), "utf8")) as Record<
  string,
  FolderCounts
>;

for (const [folder, counts] of Object.entries(expected)) {
  test(
    `${folder}: Python counts the records, broken lines and unreadable files that were planted`,
    { skip: judgeMissing("inputs") },
    async (t) => {
      const inputs = startJudge("inputs", t);
      const files = Object.keys(counts.files).map((path) => join(EXAMPLES, "files", path));
      const found = await inputs.request<InputRows>({ op: "read", format: counts.format, files });
      const broken = found.files.reduce((total, file) => total + file.broken.length, 0);
      assert.deepEqual(
        {
          rows: found.rows.length,
          broken,
          readable: found.files.length,
          unreadable: found.unreadable.length,
        },
        {
          rows: counts.written,
          broken: counts.rejected,
          readable: counts.filesCommitted,
          unreadable: counts.filesQuarantined,
        },
      );
      for (const { file, records } of found.files) {
        assert.equal(records, counts.files[file.slice(join(EXAMPLES, "files").length + 1)]?.records, file);
      }
    },
  );
}

test(
  "a number in an input keeps its digits, and a key twice keeps both values",
  { skip: judgeMissing("inputs") },
  async (t) => {
    const inputs = startJudge("inputs", t);
    const file = join(EXAMPLES, "files/vehicles/2026-03-02/v07.ndjson");
    const { rows } = await inputs.request<InputRows>({
      op: "read",
      format: "json",
      files: [file],
      tagged: true,
    });
    const cycles = rows.map(({ charge_cycles }) => charge_cycles);
    assert.ok(
      cycles.some((value) => JSON.stringify(value) === '{"$number":"201201201201201201201201201201"}'),
    );
    assert.ok(rows.some(({ odometer_km }) => odometer_km === "n/a"));
  },
);
