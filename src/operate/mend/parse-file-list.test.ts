import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../../base/landfall-error.ts";
import { parseFileList } from "./parse-file-list.ts";

test("any path comes back as it was written, whatever it holds", () => {
  const path = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text.isWellFormed());
  const end = fc.constantFrom("\n", "\r\n");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(path, fc.nat()), { maxLength: 9 }),
      end,
      fc.boolean(),
      (files, end, last) => {
        const records = files.map(([path, size]) => `${size},"${path.replaceAll('"', '""')}"`);
        const text = ["size,path", ...records].join(end) + (last ? end : "");
        assert.deepEqual(
          parseFileList(text, "l").map((entry) => [entry.path, entry.size]),
          files,
        );
      },
    ),
  );
});

test("times are read as exactly as they are written", () => {
  const modified = (mtime: string): unknown =>
    parseFileList(`path,size,mtime\na,1,${mtime}\n`, "l")[0]!.modified;
  assert.equal(modified(""), undefined);
  assert.deepEqual(modified("2026-03-01T10:00:00Z"), { ms: 1_772_359_200_000, within: 1000 });
  assert.deepEqual(modified("2026-03-01T10:00:00"), { ms: 1_772_359_200_000, within: 1000 });
  assert.deepEqual(modified("2026-03-01T10:00:00.25+00:00"), { ms: 1_772_359_200_250, within: 1 });
  assert.deepEqual(modified("1772359200"), { ms: 1_772_359_200_000, within: 1000 });
  assert.deepEqual(modified("1772359200.25"), { ms: 1_772_359_200_250, within: 1 });
  assert.deepEqual(modified("1772359200250"), { ms: 1_772_359_200_250, within: 1 });
});

test("columns that are not needed are passed by, and empty lines", () => {
  const [entry, ...more] = parseFileList("\uFEFFPath,etag,Size\n\na.json,abc,9\n\n", "l");
  assert.deepEqual([entry, more], [{ line: 3, path: "a.json", size: 9 }, []]);
});

test("what cannot be understood is refused with its line", () => {
  for (const [text, line, what] of [
    ["", 1, /no column "path"/],
    ["path\na\n", 1, /no column "size"/],
    ["path,size\na,9\nb,x\n", 3, /"x" is no size/],
    ["path,size\na,-1\n", 2, /no size/],
    ["path,size\na,9,1\n", 2, /3 fields/],
    ["path,size\n,9\n", 2, /path is empty/],
    ['path,size\n"a,9\n', 2, /quote/],
    ['path,size\n"a"b,9\n', 2, /quote/],
    ["path,size,mtime\na,9,soon\n", 2, /"soon" is no time/],
  ] as const) {
    assert.throws(
      () => parseFileList(text, "list.csv"),
      (error: Error) =>
        isLandfallError(error, "USAGE") && error.message.includes(`line ${line}`) && what.test(error.message),
      text,
    );
  }
});

test("lines of JSON say the same, under the names of Spark and Databricks, too", () => {
  const text = [
    '{"file_path":"file:/in/a","file_size":9,"file_modification_time":"2026-03-01T10:00:00.250Z"}',
    "",
    '{"FILE_SIZE":10,"FILE_PATH":"b","file_modification_time":"2026-03-01 10:00:00+00"}',
  ].join("\n");
  assert.deepEqual(parseFileList(text, "l"), [
    { line: 1, path: "file:/in/a", size: 9, modified: { ms: 1_772_359_200_250, within: 1 } },
    { line: 3, path: "b", size: 10, modified: { ms: 1_772_359_200_000, within: 1000 } },
  ]);
  const wrong = (list: string, why: RegExp): void =>
    assert.throws(
      () => parseFileList(list, "l"),
      (error) => isLandfallError(error, "USAGE") && why.test(error.message),
    );
  wrong('{"path":"a","size":1}\n{"path":', /line 2: it is no JSON/);
  wrong('{"path":"a","size":1}\n[1]', /line 2: it is no JSON object/);
  wrong('{"path":"a"}', /no column "size"/);
  wrong('{"path":"a","size":1.5}', /no size/);
});

test("cloud_files_state says by commit_time what was committed", () => {
  const entries = parseFileList("path,size,commit_time\ns3://b/a,1,2026-03-01T10:00:00Z\ns3://b/c,1,\n", "l");
  assert.deepEqual(
    entries.map(({ uncommitted }) => uncommitted),
    [undefined, true],
  );
});
