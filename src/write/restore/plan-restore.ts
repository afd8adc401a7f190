/** The commit that makes a table what it was at another version. Pure. */
import { bytesOf } from "../../base/bytes-of.ts";
import { LandfallError } from "../../base/landfall-error.ts";
import type { Action, AddFile, DomainMetadata, Metadata, Protocol } from "../../delta/actions.ts";
import { readerFeaturesOf, writerFeaturesOf } from "../../delta/features.ts";
import { MAX_COLUMN_ID } from "../../schema/physical-column.ts";
import { removeOf } from "../../delta/remove-of.ts";
import type { Snapshot } from "../../delta/snapshot.ts";
import type { WritePlan } from "../write-plan.ts";

type Restorable = Pick<Snapshot, "version" | "protocol" | "metadata" | "domainMetadata" | "adds">;

export interface PlanRestoreOptions {
  /** The newest. */
  readonly current: Restorable;
  readonly target: Restorable;
  /** Keys of files of the target that are not there any more and are to be left out. Default: none. */
  readonly missing?: ReadonlySet<string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What was asked for, as `DESCRIBE HISTORY` is to say it: a version, or the text of a time. */
  readonly asked: { readonly version: number } | { readonly timestamp: string };
}

/**
 * Undefined where the table is like that already. The protocol is never lowered, and transactions stay as they are: who counts by them goes
 * on from where he is, and does not write again what was taken back.
 *
 * @throws LandfallError TABLE_FEATURE_UNSUPPORTED where files would go that delta.appendOnly keeps
 */
export function planRestore(options: PlanRestoreOptions): WritePlan | undefined {
  const { current, target, missing = new Set(), now, asked } = options;
  const removed = [...current.adds].filter(([key]) => !target.adds.has(key)).map(([, add]) => add);
  const restored = filesOf(target, missing)
    .filter(([key]) => !current.adds.has(key))
    .map(([, add]) => add);
  demandRemovable(current, removed.length);
  const metadata = restoredMetadata(current, target);
  const actions: Action[] = [
    ...protocolChange(current.protocol, target.protocol),
    ...(isSame(metadata, current.metadata) ? [] : [{ metaData: metadata }]),
    ...clusteringChange(current, target),
    ...restored.map((add) => ({ add: { ...add, dataChange: true } })),
    ...removed.map((add) => ({ remove: removeOf(add, { now, dataChange: true }) })),
  ];
  if (actions.length === 0) return undefined;
  const kept = filesOf(target, missing).map(([, add]) => add);
  return {
    actions,
    // Whatever another adds or removes meanwhile would not be as it was.
    reads: { rows: "all", files: [] },
    operation: "RESTORE",
    operationParameters: { version: null, timestamp: null, ...asked },
    operationMetrics: {
      tableSizeAfterRestore: String(bytesOf(kept)),
      numOfFilesAfterRestore: String(kept.length),
      numRemovedFiles: String(removed.length),
      numRestoredFiles: String(restored.length),
      removedFilesSize: String(bytesOf(removed)),
      restoredFilesSize: String(bytesOf(restored)),
    },
    written: [],
  };
}

function filesOf({ adds }: Restorable, missing: ReadonlySet<string>): [string, AddFile][] {
  return [...adds].filter(([key]) => !missing.has(key));
}

/** PROTOCOL.md, "Append-only Tables". */
function demandRemovable({ metadata, version }: Restorable, removed: number): void {
  if (removed === 0 || metadata.configuration["delta.appendOnly"]?.toLowerCase() !== "true") return;
  throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
    message: `The table may only be appended to (delta.appendOnly), and the restore would take ${removed} of its files away.`,
    hint: "Set the property to false first, where that is allowed.",
    version,
  });
}

/** Of either what it asks for: old readers of the table as it is now may not come back to it, and newer ones need not go. */
function protocolChange(current: Protocol, target: Protocol): Action[] {
  const minReaderVersion = Math.max(current.minReaderVersion, target.minReaderVersion);
  const minWriterVersion = Math.max(current.minWriterVersion, target.minWriterVersion);
  const union = (featuresOf: (protocol: Protocol) => readonly string[]): string[] => [
    ...new Set([...featuresOf(current), ...featuresOf(target)]),
  ];
  const protocol: Protocol = {
    minReaderVersion,
    minWriterVersion,
    ...(minReaderVersion >= 3 ? { readerFeatures: union(readerFeaturesOf) } : {}),
    ...(minWriterVersion >= 7 ? { writerFeatures: union(writerFeaturesOf) } : {}),
  };
  const isRaised =
    minReaderVersion > current.minReaderVersion ||
    minWriterVersion > current.minWriterVersion ||
    union(readerFeaturesOf).length > readerFeaturesOf(current).length ||
    union(writerFeaturesOf).length > writerFeaturesOf(current).length;
  return isRaised ? [{ protocol }] : [];
}

/** Properties that say how far the table has come, or since when: what was once given is not given again. */
const KEPT = [
  "delta.enableInCommitTimestamps",
  "delta.inCommitTimestampEnablementVersion",
  "delta.inCommitTimestampEnablementTimestamp",
  "delta.enableRowTracking",
  "delta.rowTracking.materializedRowIdColumnName",
  "delta.rowTracking.materializedRowCommitVersionColumnName",
];

function restoredMetadata(current: Restorable, target: Restorable): Metadata {
  const [now, then] = [current.metadata.configuration, target.metadata.configuration];
  const configuration: Record<string, string> = { ...then };
  for (const key of KEPT) {
    if (now[key] === undefined) delete configuration[key];
    else configuration[key] = now[key];
  }
  const ids = [now[MAX_COLUMN_ID], then[MAX_COLUMN_ID]].flatMap((id) => (id === undefined ? [] : Number(id)));
  if (then[MAX_COLUMN_ID] !== undefined) configuration[MAX_COLUMN_ID] = String(Math.max(...ids));
  return { ...target.metadata, id: current.metadata.id, configuration };
}

const CLUSTERING = "delta.clustering";

/** Of domains only the table's layout goes back, as in Delta Spark: others are their owners'. */
function clusteringChange(current: Restorable, target: Restorable): Action[] {
  const [now, then] = [current.domainMetadata.get(CLUSTERING), target.domainMetadata.get(CLUSTERING)];
  if (now?.configuration === then?.configuration) return [];
  const domainMetadata: DomainMetadata = then ?? { ...now!, removed: true };
  return [{ domainMetadata }];
}

function isSame(one: Metadata, other: Metadata): boolean {
  const text = (metadata: Metadata): string =>
    JSON.stringify([
      metadata.name,
      metadata.description,
      metadata.schemaString,
      metadata.partitionColumns,
      Object.entries(metadata.configuration).sort(([a], [b]) => (a < b ? -1 : 1)),
    ]);
  return text(one) === text(other);
}
