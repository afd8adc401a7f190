import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseDdl } from "../../schema/ddl.ts";
import type { Predicate } from "../../schema/predicate.ts";
import type { Action, AddFile } from "../actions.ts";
import { removeOf } from "../remove-of.ts";
import { serializeSchema } from "../schema-json.ts";
import type { TableState } from "../table-state.ts";
import { isolationOf, type IsolationLevel } from "./isolation-level.ts";
import { judgeConflict } from "./judge-conflict.ts";
import { NOTHING_READ, type ReadSet } from "./read-set.ts";

const schema = parseDdl("id BIGINT, day DATE");
const state: TableState = {
  version: 4,
  protocol: { minReaderVersion: 1, minWriterVersion: 2 },
  metadata: {
    id: "t",
    format: { provider: "parquet", options: {} },
    schemaString: serializeSchema(schema),
    partitionColumns: ["day"],
    configuration: {},
  },
  schema,
  partitionColumns: ["day"],
  txns: new Map(),
  domainMetadata: new Map(),
  commitInfos: new Map(),
};

function fileOf(path: string, day: string, more: Partial<AddFile> = {}): AddFile {
  const add = { path, partitionValues: { day }, size: 1, modificationTime: 1, dataChange: true };
  return {
    ...add,
    stats: '{"numRecords":1,"minValues":{"id":1},"maxValues":{"id":9},"nullCount":{"id":0}}',
    ...more,
  };
}

const add = (path: string, day = "2026-01-01", more: Partial<AddFile> = {}): Action => ({
  add: fileOf(path, day, more),
});
const remove = (path: string, dataChange = true): Action => ({
  remove: removeOf(fileOf(path, "2026-01-01"), { now: 1, dataChange }),
});
const blind: Action = { commitInfo: { isBlindAppend: true } };
const dayIs = (text: string): Predicate => ({
  kind: "compare",
  op: "=",
  column: ["day"],
  value: { type: "date", text },
});
const idAbove = (text: string): Predicate => ({
  kind: "compare",
  op: ">",
  column: ["id"],
  value: { type: "long", text },
});

function judged(
  winner: readonly Action[],
  reads: ReadSet = NOTHING_READ,
  more: {
    readonly actions?: readonly Action[];
    readonly isolation?: IsolationLevel;
    readonly root?: string;
  } = {},
): string | undefined {
  const { actions = [add("mine")], isolation = "Serializable", root } = more;
  return judgeConflict({ state, root, actions, reads, winner, isolation })?.code;
}

test("a changed protocol or schema stands in the way of everything", () => {
  const { protocol, metadata } = state;
  assert.equal(judged([{ metaData: metadata }]), "CONFLICT_METADATA_CHANGED");
  assert.equal(judged([{ metaData: metadata }, { protocol }]), "CONFLICT_PROTOCOL_CHANGED");
});

test("a blind append follows whatever adds or removes files", () => {
  assert.equal(judged([add("a"), remove("b"), { txn: { appId: "other", version: 3 } }]), undefined);
});

test("who read rows is in the way of files that may hold such rows, by partition values and by statistics", () => {
  const where = (...predicates: Predicate[]): ReadSet => ({ rows: { where: predicates }, files: [] });
  assert.equal(judged([add("a")], { rows: "all", files: [] }), "CONFLICT_CONCURRENT_APPEND");
  assert.equal(judged([add("a")], where(dayIs("2026-01-01"))), "CONFLICT_CONCURRENT_APPEND");
  assert.equal(judged([add("a")], where(dayIs("2026-01-02"))), undefined);
  assert.equal(judged([add("a")], where(idAbove("9"))), undefined);
  assert.equal(judged([add("a")], where(idAbove("9"), idAbove("8"))), "CONFLICT_CONCURRENT_APPEND");
});

test("WriteSerializable lets blind appends pass, and no others; snapshot isolation lets all appends pass", () => {
  const reads: ReadSet = { rows: "all", files: [] };
  const isolation = "WriteSerializable";
  assert.equal(judged([blind, add("a")], reads, { isolation }), undefined);
  assert.equal(judged([add("a")], reads, { isolation }), "CONFLICT_CONCURRENT_APPEND");
  assert.equal(judged([add("a")], reads, { isolation: "SnapshotIsolation" }), undefined);
});

test("a removed file that was read is in the way, a compacted one too, whatever the spelling of its path", () => {
  const reads: ReadSet = { rows: "none", files: ["day=2026-01-01/a%20b"] };
  assert.equal(judged([remove("day=2026-01-01/a b")], reads), "CONFLICT_CONCURRENT_DELETE_READ");
  assert.equal(judged([remove("day=2026-01-01/a%20b", false)], reads), "CONFLICT_CONCURRENT_DELETE_READ");
  const root = "/data/t";
  assert.equal(
    judged([remove(`${root}/day=2026-01-01/a%20b`)], reads, { root }),
    "CONFLICT_CONCURRENT_DELETE_READ",
  );
  assert.equal(judged([remove("other")], reads), undefined);
  assert.equal(judged([remove("other")], { rows: "all", files: [] }), "CONFLICT_CONCURRENT_DELETE_READ");
  assert.equal(judged([remove("other", false)], { rows: "all", files: [] }), undefined);
});

test("a file is removed once", () => {
  const actions = [remove("a"), add("b")];
  assert.equal(
    judged([remove("a")], { rows: "none", files: ["a"] }, { actions }),
    "CONFLICT_CONCURRENT_DELETE_DELETE",
  );
});

test("an application's transaction and a domain are one writer's at a time, row ids are not", () => {
  const txn: Action = { txn: { appId: "app", version: 1 } };
  const domain = (name: string): Action => ({
    domainMetadata: { domain: name, configuration: "{}", removed: false },
  });
  assert.equal(judged([txn], NOTHING_READ, { actions: [txn, add("a")] }), "CONFLICT_CONCURRENT_TRANSACTION");
  assert.equal(judged([txn], { ...NOTHING_READ, appIds: ["app"] }), "CONFLICT_CONCURRENT_TRANSACTION");
  assert.equal(
    judged([domain("d")], NOTHING_READ, { actions: [domain("d")] }),
    "CONFLICT_CONCURRENT_TRANSACTION",
  );
  const rowIds = domain("delta.rowTracking");
  assert.equal(judged([rowIds], NOTHING_READ, { actions: [rowIds] }), undefined);
});

test("any two commits: of those that move the same file, one is in the way of the other", () => {
  const paths = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 });
  fc.assert(
    fc.property(paths, paths, fc.boolean(), (first, second, dataChange) => {
      const actions = second.map((path) => remove(path, dataChange));
      const code = judged(
        first.map((path) => remove(path, dataChange)),
        { rows: "none", files: second },
        { actions, isolation: "SnapshotIsolation" },
      );
      assert.equal(
        code !== undefined,
        first.some((path) => second.includes(path)),
      );
    }),
  );
});

test("the level is what was asked for, else the table's, else Serializable; moved rows need no more than their files", () => {
  const level = (
    asked: IsolationLevel | undefined,
    property?: string,
    actions: readonly Action[] = [add("a")],
  ) =>
    isolationOf({
      asked,
      actions,
      configuration: property === undefined ? {} : { "delta.isolationLevel": property },
    });
  assert.equal(level(undefined), "Serializable");
  assert.equal(level(undefined, "writeserializable"), "WriteSerializable");
  assert.equal(level("Serializable", "WriteSerializable"), "Serializable");
  assert.equal(
    level(undefined, undefined, [remove("a", false), add("b", "2026-01-01", { dataChange: false })]),
    "SnapshotIsolation",
  );
  assert.throws(() => level(undefined, "ReadCommitted"), /ReadCommitted/);
});
