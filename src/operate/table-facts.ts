/** A Delta table's facts at a version: any table's, whoever wrote it. */
import { bytesOf } from "../base/bytes-of.ts";
import type { Protocol } from "../delta/actions.ts";
import { readerFeaturesOf, writerFeaturesOf } from "../delta/features.ts";
import type { LogNotice } from "../delta/log-notice.ts";
import { commitTimes } from "../delta/commit-times.ts";
import { listLog } from "../delta/log-storage.ts";
import { readSnapshot } from "../delta/snapshot.ts";
import { liveRowsOfAll } from "../delta/stated-statistics.ts";
import { tableMissing } from "../delta/table-missing.ts";
import { readPipelines } from "../ingest/pipeline-identity.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";
import type { TableView } from "./table-view.ts";

export interface TableFacts {
  readonly table: string;
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly version: number;
  /** When the version was made, by the time that `--timestamp` goes by: milliseconds since the epoch. Undefined where its commit is gone. */
  readonly at?: number;
  readonly protocol: Protocol;
  /** Those that readers and writers must know, legacy versions spelled out. */
  readonly readerFeatures: readonly string[];
  readonly writerFeatures: readonly string[];
  readonly columns: number;
  readonly partitionColumns: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  readonly files: number;
  readonly bytes: number;
  /** From the files' statistics; undefined where a file has none. */
  readonly rows?: number;
  readonly deletionVectors: number;
  /** Version of the newest checkpoint, of whatever kind; undefined without one. */
  readonly checkpoint?: number;
  /** The oldest version that the log still holds a commit of. */
  readonly oldestCommit?: number;
  readonly pipelines: readonly { readonly pipeline: string; readonly source: string }[];
}

/** At the newest version unless one is asked for. @throws LandfallError TABLE_MISSING, TABLE_VERSION_MISSING, TABLE_LOG_CORRUPT, TABLE_FEATURE_UNSUPPORTED */
export async function tableFacts(
  view: Pick<TableView, "storage" | "parquet">,
  options: {
    readonly version?: number;
    readonly signal?: AbortSignal;
    readonly onNotice?: (notice: LogNotice) => void;
  } = {},
): Promise<TableFacts> {
  const { storage, parquet } = view;
  const snapshot = await readSnapshot({ storage, parquet, ...options });
  if (snapshot === undefined) throw tableMissing(storage);
  const { version, metadata, protocol, schema, partitionColumns } = snapshot;
  const { signal } = options;
  const listing = await listLog({ storage, ...(signal === undefined ? {} : { signal }) });
  const times = await commitTimes({ storage, state: snapshot, signal });
  const checkpoint = listing.checkpoints.at(-1)?.version;
  const oldestCommit = listing.commits[0];
  const adds = [...snapshot.adds.values()];
  const rows = liveRowsOfAll(adds);
  const pipelines = await readPipelines(storage);
  return {
    table: storage.location,
    id: metadata.id,
    ...(metadata.name === undefined ? {} : { name: metadata.name }),
    ...(metadata.description === undefined ? {} : { description: metadata.description }),
    version,
    ...(times.versions.includes(version) ? { at: await times.of(version) } : {}),
    protocol,
    readerFeatures: readerFeaturesOf(protocol),
    writerFeatures: writerFeaturesOf(protocol),
    columns: schema.fields.length,
    partitionColumns,
    properties: metadata.configuration,
    files: adds.length,
    bytes: bytesOf(adds),
    ...(rows === undefined ? {} : { rows }),
    deletionVectors: adds.filter((add) => add.deletionVector !== undefined).length,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(oldestCommit === undefined ? {} : { oldestCommit }),
    pipelines: pipelines.map(({ name, source }) => ({ pipeline: declaredNameOf(name), source })),
  };
}
