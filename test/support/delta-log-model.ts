/** Random Delta logs, and what they mean by a model without any of the reader's short cuts. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Action, AddFile, DomainMetadata, Metadata, RemoveFile } from "../../src/delta/actions.ts";
import { fileKey, readSnapshot } from "../../src/delta/snapshot.ts";
import type { Storage } from "../../src/storage/storage.ts";

const SCHEMA = '{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}}]}';

export function metadataOf(name: string): Metadata {
  return {
    id: "t",
    name,
    format: { provider: "parquet", options: {} },
    schemaString: SCHEMA,
    partitionColumns: [],
    configuration: {},
  };
}

export const first: Action[] = [
  { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
  { metaData: metadataOf("m") },
];

export function addOf(path: string, size = 1): AddFile {
  return { path, partitionValues: {}, size, modificationTime: 1, dataChange: true };
}

/** What a log means, applied in order without any of the reader's short cuts. */
export interface Model {
  adds: Record<string, AddFile>;
  removes: Record<string, RemoveFile>;
  txns: Map<string, number>;
  domains: Record<string, DomainMetadata>;
  name: string;
}

export function modelOf(commits: readonly (readonly Action[])[]): Model {
  const model: Model = { adds: {}, removes: {}, txns: new Map(), domains: {}, name: "" };
  for (const actions of commits) {
    for (const action of actions) {
      if (!("remove" in action)) continue;
      const key = fileKey(action.remove, undefined);
      delete model.adds[key];
      model.removes[key] = action.remove;
    }
    for (const action of actions) {
      if ("add" in action) {
        const key = fileKey(action.add, undefined);
        model.adds[key] = action.add;
        delete model.removes[key];
      }
      if ("txn" in action) model.txns.set(action.txn.appId, Number(action.txn.version));
      if ("metaData" in action) model.name = action.metaData.name ?? "";
      if ("domainMetadata" in action) {
        if (action.domainMetadata.removed) delete model.domains[action.domainMetadata.domain];
        else model.domains[action.domainMetadata.domain] = action.domainMetadata;
      }
    }
  }
  return model;
}

export async function readModel(storage: Storage, version?: number): Promise<Model> {
  const snapshot = await readSnapshot({ storage, ...(version === undefined ? {} : { version }) });
  assert.ok(snapshot);
  return summaryOf(snapshot);
}

export function summaryOf(snapshot: NonNullable<Awaited<ReturnType<typeof readSnapshot>>>): Model {
  return {
    adds: Object.fromEntries(snapshot.adds),
    removes: Object.fromEntries(snapshot.removes),
    txns: new Map(Array.from(snapshot.txns, ([id, txn]) => [id, Number(txn.version)])),
    domains: Object.fromEntries(snapshot.domainMetadata),
    name: snapshot.metadata.name ?? "",
  };
}

const path = fc.constantFrom("a", "b", "c%20d", "/x/y", "file:/x/y", "file:///x/y");
const vector = fc.option(
  fc
    .constantFrom("one", "two")
    .map((id) => ({ storageType: "u", pathOrInlineDv: id, offset: 1, sizeInBytes: 2, cardinality: 1 })),
  { nil: undefined },
);
const fileAction = fc
  .record({ path, vector, size: fc.nat(99), remove: fc.boolean() })
  .map(({ path, vector, size, remove }): Action => {
    const deletionVector = vector === undefined ? {} : { deletionVector: vector };
    return remove
      ? { remove: { path, dataChange: true, deletionTimestamp: size, ...deletionVector } }
      : { add: { ...addOf(path, size), ...deletionVector } };
  });
const otherAction = fc.oneof(
  fc
    .record({ appId: fc.constantFrom("p", "q", "__proto__"), version: fc.nat() }, { noNullPrototype: true })
    .map((txn): Action => ({ txn })),
  fc.constantFrom("m1", "m2").map((name): Action => ({ metaData: metadataOf(name) })),
  fc
    .record(
      { domain: fc.constantFrom("d", "e"), configuration: fc.string(), removed: fc.boolean() },
      { noNullPrototype: true },
    )
    .map((domainMetadata): Action => ({ domainMetadata })),
);

/** At most one action of a kind for a path, appId or domain, and not an add and a remove of one logical file. */
export const commit = fc
  .array(fc.oneof({ weight: 3, arbitrary: fileAction }, otherAction), { maxLength: 8 })
  .map((actions) => {
    const seen = new Set<string>();
    return actions.filter((action) => {
      const name = identityOf(action);
      const logical =
        "add" in action
          ? fileKey(action.add, undefined)
          : "remove" in action
            ? fileKey(action.remove, undefined)
            : name;
      const taken = seen.has(name) || seen.has(logical);
      seen.add(name).add(logical);
      return !taken;
    });
  });

function identityOf(action: Action): string {
  if ("add" in action) return `add ${action.add.path}`;
  if ("remove" in action) return `remove ${action.remove.path}`;
  if ("txn" in action) return `txn ${action.txn.appId}`;
  if ("domainMetadata" in action) return `domain ${action.domainMetadata.domain}`;
  return Object.keys(action)[0]!;
}

/** The actions of a log compaction file over these commits (PROTOCOL.md, "Log Compaction Files"). */
export function compacted(commits: readonly (readonly Action[])[]): Action[] {
  const { adds, removes, txns, domains } = modelOf(commits);
  const last = <T>(pick: (action: Action) => T | undefined): T | undefined =>
    commits
      .flat()
      .map(pick)
      .findLast((found) => found !== undefined);
  const protocol = last((action) => ("protocol" in action ? action.protocol : undefined));
  const metaData = last((action) => ("metaData" in action ? action.metaData : undefined));
  const gone = new Map<string, DomainMetadata>();
  for (const action of commits.flat()) {
    if ("domainMetadata" in action && !(action.domainMetadata.domain in domains))
      gone.set(action.domainMetadata.domain, action.domainMetadata);
  }
  return [
    ...(protocol === undefined ? [] : [{ protocol }]),
    ...(metaData === undefined ? [] : [{ metaData }]),
    ...Array.from(txns, ([appId, version]) => ({ txn: { appId, version } })),
    ...[...Object.values(domains), ...gone.values()].map((domainMetadata) => ({ domainMetadata })),
    // Other writers put them in any order.
    ...Object.values(removes).map((remove) => ({ remove })),
    ...Object.values(adds).map((add) => ({ add })),
  ];
}
