import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../../base/landfall-error.ts";
import type { AddFile, DomainMetadata, Metadata, Protocol } from "../../delta/actions.ts";
import { fileKey } from "../../delta/snapshot.ts";
import { planRestore, type PlanRestoreOptions } from "./plan-restore.ts";

type State = PlanRestoreOptions["current"];

function state(
  files: readonly (readonly [path: string, vector: string | undefined])[],
  more: {
    readonly configuration?: Readonly<Record<string, string>>;
    readonly protocol?: Protocol;
    readonly domains?: readonly DomainMetadata[];
  } = {},
): State {
  const metadata: Metadata = {
    id: "t",
    format: { provider: "parquet", options: {} },
    schemaString: '{"type":"struct","fields":[]}',
    partitionColumns: [],
    configuration: more.configuration ?? {},
  };
  const adds = files.map(([path, vector]): AddFile => {
    const deletionVector = { storageType: "i", pathOrInlineDv: vector ?? "", sizeInBytes: 4, cardinality: 1 };
    return {
      path,
      partitionValues: {},
      size: 10,
      modificationTime: 1,
      dataChange: false,
      ...(vector === undefined ? {} : { deletionVector }),
    };
  });
  return {
    version: 1,
    protocol: more.protocol ?? { minReaderVersion: 1, minWriterVersion: 2 },
    metadata,
    domainMetadata: new Map((more.domains ?? []).map((domain) => [domain.domain, domain])),
    adds: new Map(adds.map((add) => [fileKey(add, undefined), add])),
  };
}

const plan = (current: State, target: State, missing?: ReadonlySet<string>) =>
  planRestore({
    current,
    target,
    now: 7,
    asked: { version: 0 },
    ...(missing === undefined ? {} : { missing }),
  });

test("applied to the table as it is, the commit makes the files of then, but for those that are left out", () => {
  const file = fc.tuple(
    fc.constantFrom("a", "b", "c", "d"),
    fc.option(fc.constantFrom("v", "w"), { nil: undefined }),
  );
  const files = fc.uniqueArray(file, { selector: ([path]) => path });
  fc.assert(
    fc.property(files, files, files, (now, then, lost) => {
      const [current, target] = [state(now), state(then)];
      const missing = new Set([...state(lost).adds.keys()].filter((key) => !current.adds.has(key)));
      const planned = plan(current, target, missing);
      const live = new Set(current.adds.keys());
      const [added, removed] = [new Set<string>(), new Set<string>()];
      for (const action of planned?.actions ?? []) {
        if ("remove" in action) removed.add(fileKey(action.remove, undefined));
        if ("add" in action) added.add(fileKey(action.add, undefined));
      }
      assert.deepEqual(added.intersection(removed), new Set());
      for (const key of removed) assert.ok(live.delete(key), "only a live file is removed");
      for (const key of added) live.add(key);
      assert.deepEqual(live, new Set(target.adds.keys()).difference(missing.difference(current.adds)));
      const metrics = planned?.operationMetrics;
      if (metrics !== undefined) {
        assert.equal(metrics["numRestoredFiles"], String(added.size));
        assert.equal(metrics["numRemovedFiles"], String(removed.size));
        assert.equal(metrics["numOfFilesAfterRestore"], String(live.size));
      }
    }),
  );
});

test("nothing is committed where the table is like that already", () => {
  const files = [["a", undefined]] as const;
  assert.equal(plan(state(files), state(files)), undefined);
});

test("the protocol is never lowered and gets what the version of then needs; marks that only grow stay", () => {
  const vectors: Protocol = {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["deletionVectors"],
    writerFeatures: ["deletionVectors"],
  };
  const old: Protocol = { minReaderVersion: 2, minWriterVersion: 5 };
  const raised = plan(state([], { protocol: old }), state([["a", undefined]], { protocol: vectors }))!;
  const change = raised.actions.find((action) => "protocol" in action)!;
  assert.deepEqual(new Set(change.protocol.readerFeatures), new Set(["columnMapping", "deletionVectors"]));
  assert.ok(change.protocol.writerFeatures!.includes("generatedColumns"));
  const kept = plan(state([["a", undefined]], { protocol: vectors }), state([], { protocol: old }));
  // Older writers' features come along; none goes.
  const after = kept!.actions.find((action) => "protocol" in action)?.protocol ?? vectors;
  assert.ok(after.writerFeatures!.includes("deletionVectors") && after.minReaderVersion === 3);
  const marks = plan(
    state([], {
      configuration: { "delta.columnMapping.maxColumnId": "9", "delta.enableInCommitTimestamps": "true" },
    }),
    state([], { configuration: { "delta.columnMapping.maxColumnId": "4", x: "y" } }),
  )!;
  assert.deepEqual(marks.actions.find((action) => "metaData" in action)!.metaData.configuration, {
    "delta.columnMapping.maxColumnId": "9",
    "delta.enableInCommitTimestamps": "true",
    x: "y",
  });
});

test("the clustering goes back, other domains stay, and an append-only table keeps its files", () => {
  const domain = (name: string, configuration: string): DomainMetadata => ({
    domain: name,
    configuration,
    removed: false,
  });
  const restored = plan(
    state([], { domains: [domain("delta.clustering", "b"), domain("mine", "2")] }),
    state([], { domains: [domain("mine", "1")] }),
  )!;
  assert.deepEqual(restored.actions, [
    { domainMetadata: { domain: "delta.clustering", configuration: "b", removed: true } },
  ]);
  const appendOnly = { configuration: { "delta.appendOnly": "true" } };
  assert.throws(
    () => plan(state([["a", undefined]], appendOnly), state([], appendOnly)),
    (error) => isLandfallError(error, "TABLE_FEATURE_UNSUPPORTED"),
  );
  assert.ok(plan(state([], appendOnly), state([["a", undefined]], appendOnly)));
});
