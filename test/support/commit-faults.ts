/**
 * What is wrong with a commit of ours, by the protocol's text and not by our reader: shapes, which files it moves, what it promises of them
 * (PROTOCOL.md, "Actions", "Table Features", "Row Tracking", "In-Commit Timestamps", "Deletion Vectors"). Pure.
 */
import { isJsonObject, parseJson } from "../../src/base/lossless-json.ts";
import type {
  Action,
  AddFile,
  CommitInfo,
  DeletionVectorDescriptor,
  Metadata,
  Protocol,
} from "../../src/delta/actions.ts";
import { shapeFaults } from "./commit-shapes.ts";
import { partitionFaults } from "./commit-partitions.ts";
import { tableFaults, type TableShape } from "./commit-table.ts";
import { statisticsFaults } from "./commit-statistics.ts";

/** The table as the commits before made it. */
export interface TableBefore {
  readonly version: number;
  readonly protocol: Protocol | undefined;
  readonly metadata: Metadata | undefined;
  readonly live: ReadonlyMap<string, AddFile>;
  /** Paths that ever were live. */
  readonly known: ReadonlySet<string>;
  readonly highWaterMark: bigint;
  readonly inCommitTimestamp: bigint | undefined;
}

export interface CommitToJudge {
  /** The text of the commit's file. */
  readonly text: string;
  readonly before: TableBefore;
}

export function commitFaults({ text, before }: CommitToJudge): string[] {
  const lines = text.trimEnd().split("\n").map(parseJson);
  const shapes = lines.flatMap(shapeFaults);
  if (shapes.length > 0) return shapes;
  const actions = lines as unknown as readonly Action[];
  const protocol = actions.find((action) => "protocol" in action)?.protocol ?? before.protocol;
  const metadata = actions.find((action) => "metaData" in action)?.metaData ?? before.metadata;
  if (protocol === undefined || metadata === undefined)
    return ["the first commit has not both protocol and metaData"];
  const { faults, shape } = tableFaults({ protocol, metadata, before });
  const judged: Judged = { actions, before, protocol, metadata, shape };
  // What others, or a test, have made of the table is not this commit's fault.
  const changesTable = actions.some((action) => "protocol" in action || "metaData" in action);
  return [
    ...(changesTable ? faults : []),
    ...onceFaults(actions),
    ...infoFaults(judged),
    ...removeFaults(judged),
    ...actions.flatMap((action) => ("add" in action ? addFaults(action.add, judged) : [])),
    ...changeFaults(judged),
    ...rowIdFaults(judged),
  ];
}

interface Judged {
  readonly actions: readonly Action[];
  readonly before: TableBefore;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly shape: TableShape;
}

/** A file and its vector, as the log knows them apart. */
export function keyOf(file: {
  readonly path: string;
  readonly deletionVector?: DeletionVectorDescriptor;
}): string {
  const { path, deletionVector: vector } = file;
  return JSON.stringify([path, vector?.storageType, vector?.pathOrInlineDv, vector?.offset]);
}

function onceFaults(actions: readonly Action[]): string[] {
  const names = actions.flatMap((action) => {
    if ("add" in action) return [`add of ${action.add.path}`];
    if ("remove" in action) return [`remove of ${action.remove.path}`];
    if ("cdc" in action) return [`cdc of ${action.cdc.path}`];
    if ("txn" in action) return [`txn of ${action.txn.appId}`];
    if ("domainMetadata" in action) return [`domainMetadata of ${action.domainMetadata.domain}`];
    return Object.keys(action);
  });
  return names.filter((name, i) => names.indexOf(name) < i).map((name) => `more than one ${name}`);
}

function infoFaults({ actions, before, metadata, shape }: Judged): string[] {
  const first = actions[0]!;
  if (!("commitInfo" in first)) return ["the first action is not commitInfo"];
  const info: CommitInfo = first.commitInfo;
  const faults: string[] = [];
  const { readVersion, isBlindAppend, operation } = info;
  if (before.version >= 0 && !(Number(readVersion) <= before.version && Number(readVersion) >= 0))
    faults.push(`readVersion ${JSON.stringify(readVersion)} of a commit after ${before.version}`);
  if (isBlindAppend === true && actions.some((action) => "remove" in action))
    faults.push("a blind append removes files");
  const isTimed = shape.features.has("inCommitTimestamp") && isOn(metadata, "delta.enableInCommitTimestamps");
  const time = info["inCommitTimestamp"] as number | bigint | undefined;
  if (isTimed && time === undefined) faults.push("no inCommitTimestamp");
  if (isTimed && time !== undefined && BigInt(time) <= (before.inCommitTimestamp ?? -1n))
    faults.push(`inCommitTimestamp ${time} is not after ${before.inCommitTimestamp}`);
  if (operation === "OPTIMIZE" && actions.some(changesData)) faults.push("an OPTIMIZE changes data");
  if (operation !== "OPTIMIZE" && actions.some((action) => isFile(action) && !changesData(action)))
    faults.push(`a ${operation} moves files without dataChange`);
  return faults;
}

function isFile(action: Action): boolean {
  return "add" in action || "remove" in action;
}

function changesData(action: Action): boolean {
  return ("add" in action && action.add.dataChange) || ("remove" in action && action.remove.dataChange);
}

export function isOn({ configuration }: Metadata, property: string): boolean {
  return configuration[property]?.toLowerCase() === "true";
}

const PROMISED = [
  "partitionValues",
  "size",
  "tags",
  "deletionVector",
  "baseRowId",
  "defaultRowCommitVersion",
] as const;

function removeFaults({ actions, before, metadata }: Judged): string[] {
  const faults: string[] = [];
  const added = new Set(actions.flatMap((action) => ("add" in action ? [keyOf(action.add)] : [])));
  for (const action of actions) {
    if (!("remove" in action)) continue;
    const { remove } = action;
    const add = before.live.get(keyOf(remove));
    if (added.has(keyOf(remove))) faults.push(`${remove.path} is added and removed with one vector`);
    if (add === undefined) {
      faults.push(`${remove.path} is removed and was not live with that vector`);
      continue;
    }
    if (remove.extendedFileMetadata !== true) faults.push(`the remove of ${remove.path} has no metadata`);
    for (const field of PROMISED)
      if (textOf(remove[field]) !== textOf(add[field]))
        faults.push(
          `${field} of the remove of ${remove.path}: ${textOf(remove[field])}, not ${textOf(add[field])}`,
        );
    if (remove.dataChange && isOn(metadata, "delta.appendOnly"))
      faults.push(`${remove.path} is removed from an append-only table`);
  }
  return faults;
}

function textOf(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? `${inner}` : inner)) ??
    "nothing"
  );
}

function addFaults(add: AddFile, { actions, before, metadata, shape }: Judged): string[] {
  const { path, deletionVector: vector, stats, partitionValues } = add;
  const faults: string[] = [];
  if (!/^[!$%&'()*+,\-./0-9:;=@A-Z_a-z~\u0080-\uffff]+$/.test(path) || /%(?![0-9A-F]{2})/.test(path))
    faults.push("the path is no URI");
  const isNew = !before.known.has(path);
  faults.push(...partitionFaults(partitionValues, { ...shape, isNew }));
  if (isNew) {
    if (stats === undefined) faults.push("no statistics");
    else faults.push(...statisticsFaults(stats, shape.inFiles));
    if (vector !== undefined) faults.push("a new file has deleted rows");
  }
  const wasThere = [...before.live.values()].find((other) => other.path === path);
  const isLaidOff = actions.some((action) => "remove" in action && action.remove.path === path);
  if (wasThere !== undefined && keyOf(wasThere) !== keyOf(add) && !isLaidOff)
    faults.push("the file is added with another vector, and stays with its old one");
  const marked = wasThere === undefined || keyOf(wasThere) === keyOf(add) ? undefined : vector;
  if (vector !== undefined) faults.push(...vectorFaults(vector, { stats, shape }));
  if (marked !== undefined) {
    if (!isOn(metadata, "delta.enableDeletionVectors"))
      faults.push("a vector, which the table does not want");
    if (statsOf(stats)["tightBounds"] !== false)
      faults.push("bounds are told to be tight of rows that are deleted");
    if (Number(marked.cardinality) <= Number(wasThere!.deletionVector?.cardinality ?? 0))
      faults.push("a vector without more rows than the one before");
  }
  return faults.map((fault) => `add of ${path}: ${fault}`);
}

function vectorFaults(
  vector: DeletionVectorDescriptor,
  { stats, shape }: { readonly stats: string | undefined; readonly shape: TableShape },
): string[] {
  const { storageType, pathOrInlineDv, offset, sizeInBytes, cardinality } = vector;
  const faults: string[] = [];
  const rows = statsOf(stats)["numRecords"];
  if (!shape.features.has("deletionVectors")) faults.push("a vector, which the protocol does not have");
  if (!["u", "i", "p"].includes(storageType)) faults.push(`a vector of the kind ${storageType}`);
  if (storageType === "u" && !/^.*[!-~]{20}$/.test(pathOrInlineDv)) faults.push(`no UUID: ${pathOrInlineDv}`);
  if ((storageType === "i") !== (offset === undefined)) faults.push(`a vector ${storageType} at ${offset}`);
  if (sizeInBytes <= 0 || BigInt(cardinality) <= 0n) faults.push("an empty vector");
  if (typeof rows !== "number" || Number(cardinality) > rows)
    faults.push(`${cardinality} deleted rows of ${String(rows)}`);
  return faults;
}

function statsOf(stats: string | undefined): Readonly<Record<string, unknown>> {
  const value = stats === undefined ? undefined : parseJson(stats);
  return isJsonObject(value) ? value : {};
}

function recordsIn(stats: string | undefined): bigint {
  const records = statsOf(stats)["numRecords"];
  return Number.isSafeInteger(records) ? BigInt(records as number) : 0n;
}

const ROW_CHANGES = new Set(["DELETE", "UPDATE", "MERGE"]);

function changeFaults({ actions, metadata, shape }: Judged): string[] {
  const changes = actions.flatMap((action) => ("cdc" in action ? [action.cdc] : []));
  const isFed = isOn(metadata, "delta.enableChangeDataFeed");
  const faults = changes.flatMap(({ path, partitionValues, dataChange }) => [
    ...(path.startsWith("_change_data/") ? [] : [`the change file ${path} lies elsewhere`]),
    ...(dataChange ? [`the change file ${path} changes data`] : []),
    ...partitionFaults(partitionValues, { ...shape, isNew: true }),
  ]);
  if (changes.length > 0 && !(isFed && shape.features.has("changeDataFeed")))
    faults.push("change files of a table without a change feed");
  const operation = actions.flatMap((action) =>
    "commitInfo" in action ? [action.commitInfo.operation] : [],
  )[0];
  const rewrites = actions.some((action) => "add" in action) && actions.some((action) => "remove" in action);
  if (isFed && rewrites && ROW_CHANGES.has(operation ?? "") && changes.length === 0)
    faults.push(`a ${operation} that rewrites files has no change files`);
  return faults;
}

function rowIdFaults({ actions, before, metadata, shape }: Judged): string[] {
  const isTracked = shape.features.has("rowTracking") && !isOn(metadata, "delta.rowTrackingSuspended");
  const gone = new Set(actions.flatMap((action) => ("remove" in action ? [keyOf(action.remove)] : [])));
  const kept = [...before.live].filter(([key]) => !gone.has(key)).map(([, add]) => add);
  const adds = actions.flatMap((action) => ("add" in action ? [action.add] : []));
  if (!isTracked)
    return adds
      .filter(({ path, baseRowId }) => baseRowId !== undefined && !before.known.has(path))
      .map(({ path }) => `${path} has row ids, and the table has none`);
  const faults: string[] = [];
  const own = new Set(adds.map(({ path }) => path));
  const ranges = [...kept.filter(({ path }) => !own.has(path)), ...adds]
    .filter(({ baseRowId }) => baseRowId !== undefined)
    .map((add) => ({
      path: add.path,
      from: BigInt(add.baseRowId!),
      rows: recordsIn(add.stats),
    }))
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  for (const [i, { path, from, rows }] of ranges.entries()) {
    const next = ranges[i + 1];
    if (next !== undefined && from + rows > next.from)
      faults.push(`row ids of ${path} and ${next.path} overlap`);
  }
  const mark = markOf(actions) ?? before.highWaterMark;
  for (const { path, baseRowId, defaultRowCommitVersion, stats } of adds) {
    if (baseRowId === undefined || defaultRowCommitVersion === undefined) {
      faults.push(`${path} has no row ids`);
      continue;
    }
    if (BigInt(baseRowId) + recordsIn(stats) - 1n > mark)
      faults.push(`row ids of ${path} are above the mark ${mark}`);
    if (!before.known.has(path) && BigInt(baseRowId) <= before.highWaterMark)
      faults.push(`row ids of ${path} were given before: ${baseRowId} up to ${before.highWaterMark}`);
  }
  return faults;
}

/** The mark of row ids that a commit sets. */
export function markOf(actions: readonly Action[]): bigint | undefined {
  for (const action of actions)
    if ("domainMetadata" in action && action.domainMetadata.domain === "delta.rowTracking") {
      const value = parseJson(action.domainMetadata.configuration);
      if (isJsonObject(value)) return BigInt(value["rowIdHighWaterMark"] as number | bigint);
    }
  return undefined;
}
