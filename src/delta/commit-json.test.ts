import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError } from "../base/landfall-error.ts";
import type { Action } from "./actions.ts";
import { parseCommit, serializeCommit } from "./commit-json.ts";

const origin = { table: "/t", version: 7 };

function corruptAt(line: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isLandfallError(error, "TABLE_LOG_CORRUPT"));
    assert.match(error.message, line);
    assert.match(error.message, /00000000000000000007\.json/);
    assert.equal(error.subject.version, 7);
    return true;
  };
}

test("64-bit integers survive reading and writing", () => {
  const text =
    '{"txn":{"appId":"a","version":9223372036854775807}}\n{"add":{"path":"p","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true,"baseRowId":9007199254740993}}\n';
  const actions = parseCommit(text, origin);
  assert.deepEqual(actions[0], { txn: { appId: "a", version: 9223372036854775807n } });
  assert.equal(serializeCommit(actions), text);
});

test("fields of the metadata that we do not know are written again", () => {
  const text =
    '{"metaData":{"id":"i","format":{"provider":"parquet","options":{},"new":1},"schemaString":"{}","partitionColumns":[],"configuration":{"a":"b"},"createdTime":1,"future":{"x":[1,null]}}}\n';
  assert.deepEqual(JSON.parse(serializeCommit(parseCommit(text, origin))), JSON.parse(text));
});

test("unknown actions and null actions are passed over", () => {
  const text = '{"somethingNew":{"a":1}}\n{"toString":{}}\n{"add":null,"txn":{"appId":"a","version":1}}\n';
  assert.deepEqual(parseCommit(text, origin), [{ txn: { appId: "a", version: 1 } }]);
});

test("null fields count as absent, null partition values as null", () => {
  const text = '{"add":{"path":"p","partitionValues":{"d":null},"size":1,"stats":null,"tags":null}}';
  assert.deepEqual(parseCommit(text, origin), [
    { add: { path: "p", partitionValues: { d: null }, size: 1, modificationTime: 0, dataChange: true } },
  ]);
});

test("an empty commit is damage, and so are blank lines alone", () => {
  assert.throws(() => parseCommit("", origin), corruptAt(/empty/));
  assert.throws(() => parseCommit("\n \n", origin), corruptAt(/empty/));
});

test("a commit cut at any byte of its last line is damage, files skipped or not", () => {
  const first = '{"commitInfo":{"operation":"WRITE"}}\n';
  const last = '{"add":{"path":"p","partitionValues":{},"size":1,"stats":"{}","dataChange":true}}';
  for (let cut = 1; cut < last.length; cut++) {
    for (const skipped of [{}, { skipFiles: true }, { skipInfo: true }]) {
      assert.throws(
        () => parseCommit(first + last.slice(0, cut), { ...origin, ...skipped }),
        corruptAt(/line 2/),
        String(cut),
      );
    }
  }
  assert.equal(parseCommit(first + last, origin).length, 2);
});

test("bytes that are not UTF-8, lines that are no objects and actions without their fields are damage", () => {
  assert.throws(() => parseCommit(Buffer.from([0x7b, 0xff, 0x7d]), origin), corruptAt(/UTF-8/));
  for (const line of [
    "[]",
    "1",
    '{"add":{"size":1}}',
    '{"add":{"path":"p"}}',
    '{"add":7}',
    '{"txn":{"appId":"a","version":1.5}}',
    '{"metaData":{}}',
    '{"protocol":{"minReaderVersion":1}}',
    '{"add":{"path":"p","size":1,"partitionValues":{"a":1}}}',
    '{"add":{"path":"p","size":1,"deletionVector":{"storageType":"u"}}}',
  ]) {
    assert.throws(() => parseCommit(`{"commitInfo":{}}\n${line}`, origin), corruptAt(/line 2/), line);
  }
});

test("skipping files gives all else", () => {
  const text =
    '{"add":{"path":"p","size":1}}\n{"txn":{"appId":"a","version":1}}\n { "remove": {"path":"p"}}\n{"cdc":{"path":"c","size":1}}\n{"remove":{"path":"q"}}\n';
  assert.deepEqual(parseCommit(text, { ...origin, skipFiles: true }), [{ txn: { appId: "a", version: 1 } }]);
});

test("skipping the description gives all else, wherever it stands", () => {
  const info = '{"commitInfo":{"operation":"WRITE","timestamp":1}}';
  const rest = ['{"txn":{"appId":"a","version":1}}', '{"add":{"path":"p","size":1}}'];
  for (const lines of [
    [info, ...rest],
    [...rest, info],
    [` ${info}`, ...rest],
  ]) {
    const whole = parseCommit(lines.join("\n"), origin);
    assert.equal(whole.length, 3);
    const expected = whole.filter((action) => !("commitInfo" in action));
    assert.deepEqual(parseCommit(lines.join("\n"), { ...origin, skipInfo: true }), expected);
  }
});

test("commitInfo is written first, and a commit that holds two of a kind is not written", () => {
  const info: Action = { commitInfo: { txnId: "x" } };
  const txn: Action = { txn: { appId: "a", version: 1 } };
  assert.match(serializeCommit([txn, info]), /^\{"commitInfo"/);
  assert.throws(
    () => serializeCommit([txn, { txn: { appId: "a", version: 2 } }]),
    (error) => isLandfallError(error, "INTERNAL"),
  );
});

test("a line's text cannot end the line", () => {
  const add = {
    path: "a\nb\u2028",
    partitionValues: { "\n": "\r\n" },
    size: 1,
    modificationTime: 1,
    dataChange: true,
  };
  const text = serializeCommit([{ add }]);
  assert.equal(text.split("\n").length, 2);
  assert.deepEqual(parseCommit(text, origin), [{ add }]);
});
