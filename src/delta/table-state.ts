/**
 * A table's state at a version, without its files: all that an append needs. Reading it skips adds and removes unparsed, and reads
 * of a checkpoint only the few rows that are no files.
 */
import { isLandfallError, LandfallError } from "../base/landfall-error.ts";
import type { StructType } from "../schema/data-type.ts";
import type { Storage } from "../storage/storage.ts";
import type { Action, CommitInfo, DomainMetadata, Metadata, Protocol, SetTransaction } from "./actions.ts";
import type { CheckpointFiles } from "./checkpoint-files.ts";
import { checkpointRows } from "./checkpoint-rows.ts";
import { CheckpointUnusable } from "./checkpoint-unusable.ts";
import { parseCommit } from "./commit-json.ts";
import { checkReadable } from "./features.ts";
import { commitContent, heldCommits, type HeldCommits } from "./held-commits.ts";
import { listLog, type LogListing } from "./log-storage.ts";
import { commitsOf, segmentError, type LogSegment } from "./log-segment.ts";
import { ActionInvalid, parseActions } from "./parse-action.ts";
import { parseSchemaString } from "./schema-json.ts";
import { withSegment, type SegmentOptions } from "./with-segment.ts";

export interface TableState {
  readonly version: number;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  /** The last transaction of each application. */
  readonly txns: ReadonlyMap<string, SetTransaction>;
  /** Those that are not removed. */
  readonly domainMetadata: ReadonlyMap<string, DomainMetadata>;
  /**
   * What the commits that this call read say of themselves: after a read those behind the checkpoint, after an advance the new ones,
   * so that a state that lives long does not grow.
   */
  readonly commitInfos: ReadonlyMap<number, CommitInfo>;
  /** The part of the log that it was read from; absent where it was brought forward from an older state. */
  readonly segment?: LogSegment;
  /** Commits for who reads the files next; absent where nobody asked for it. */
  readonly held?: HeldCommits;
}

export interface ReadTableOptions extends SegmentOptions {
  /** Holds the commits that are read, up to 32 MB of them, so that the files are not read from the store again. Default: false. */
  readonly holdCommits?: boolean;
}

/**
 * The table's state; undefined where there is no Delta log or an empty one.
 *
 * @throws LandfallError TABLE_LOG_CORRUPT, TABLE_VERSION_MISSING, TABLE_FEATURE_UNSUPPORTED; INTERNAL when a checkpoint is needed
 * and no Parquet port was given
 */
export function readTableState(options: ReadTableOptions): Promise<TableState | undefined> {
  return withSegment(options, async (segment) => ({ ...(await readState(options, segment)), segment }));
}

/**
 * The state at the newest version, from a known one: reads newer commits only, and gives the same object when there are none. Where some
 * of them have been cleaned up meanwhile, a checkpoint stands for them and the state is read anew.
 *
 * @throws LandfallError as `readTableState`
 */
export async function advanceTableState(state: TableState, options: AdvanceOptions): Promise<TableState> {
  return fromNewerCommits(state, options, {
    advance: (versions) => stateAfterCommits(state, versions, options),
    readAnew: () => readTableState(options),
  });
}

/**
 * The state after one more commit, which has been read already.
 *
 * @param state undefined: the commit is the table's first
 * @throws LandfallError TABLE_LOG_CORRUPT, TABLE_FEATURE_UNSUPPORTED
 */
export function stateAfter(
  state: TableState | undefined,
  commit: { readonly version: number; readonly actions: readonly Action[]; readonly table: string },
): TableState {
  const draft = state === undefined ? emptyDraft(undefined) : draftOf(state);
  for (const action of commit.actions) {
    if ("commitInfo" in action) draft.commitInfos.set(commit.version, action.commitInfo);
    else applyAction(draft, action);
  }
  return finishState(draft, commit);
}

/** What the known state holds is held on. */
export type AdvanceOptions = Omit<ReadTableOptions, "version">;

/** @throws LandfallError TABLE_LOG_CORRUPT, TABLE_FEATURE_UNSUPPORTED, OBJECT_MISSING */
export async function stateAfterCommits(
  state: TableState,
  versions: readonly number[],
  options: AdvanceOptions,
): Promise<TableState> {
  const draft = draftOf(state);
  await applyCommits(draft, versions, options);
  return finishState(draft, { version: versions.at(-1)!, table: options.storage.location });
}

/** Goes on by the commits after what is known where all of them are there, and else by reading anew. */
export async function fromNewerCommits<T extends { readonly version: number }>(
  known: T,
  options: AdvanceOptions,
  ways: {
    readonly advance: (versions: readonly number[]) => Promise<T>;
    readonly readAnew: () => Promise<T | undefined>;
  },
): Promise<T> {
  const { storage } = options;
  const { listing, isWhole } = await listNewer(known.version, options);
  const { commits, checkpoints } = listing;
  if (isWhole) {
    if (commits.length === 0) return known;
    try {
      return await ways.advance(commits);
    } catch (error) {
      // Cleaned up between the listing and the read.
      if (!isLandfallError(error, "OBJECT_MISSING")) throw error;
    }
  } else if (checkpoints.length === 0) throw segmentError(listing, storage.location);
  const anew = await ways.readAnew();
  if (anew === undefined) throw segmentError(listing, storage.location);
  return anew;
}

/** `isWhole`: no commit after the known version has been cleaned up. A checkpoint beyond the last commit stands for such. */
async function listNewer(
  known: number,
  { storage, signal }: { readonly storage: Storage; readonly signal?: AbortSignal },
): Promise<{ readonly listing: LogListing; readonly isWhole: boolean }> {
  const listing = await listLog({ storage, from: known + 1, ...(signal === undefined ? {} : { signal }) });
  const { commits, checkpoints } = listing;
  const isWhole =
    commits.every((version, index) => version === known + 1 + index) &&
    (checkpoints.at(-1)?.version ?? known) <= (commits.at(-1) ?? known);
  return { listing, isWhole };
}

/** @throws CheckpointUnusable besides what `readTableState` throws */
export async function readState(options: ReadTableOptions, segment: LogSegment): Promise<TableState> {
  const { storage } = options;
  const draft = emptyDraft(options.holdCommits === true ? heldCommits() : undefined);
  if (segment.checkpoint !== undefined) {
    for await (const action of checkpointActions(options, segment.checkpoint, STATE_COLUMNS)) {
      applyAction(draft, action);
    }
  }
  await applyCommits(draft, commitsOf(segment), options);
  return finishState(draft, { version: segment.version, table: storage.location });
}

const STATE_COLUMNS = ["protocol", "metaData", "txn", "domainMetadata"];

async function* checkpointActions(
  options: ReadTableOptions,
  checkpoint: CheckpointFiles,
  columns: readonly string[],
): AsyncGenerator<Action> {
  const { storage, parquet, signal } = options;
  for await (const { json } of checkpointRows({ storage, checkpoint, parquet, columns, signal }))
    yield* rowActions(json, checkpoint.version);
}

/** The actions of a checkpoint's row. @throws CheckpointUnusable */
export function rowActions(json: Parameters<typeof parseActions>[0], version: number): Action[] {
  try {
    return parseActions(json);
  } catch (cause) {
    if (!(cause instanceof ActionInvalid)) throw cause;
    throw new CheckpointUnusable(`the checkpoint of version ${version} is damaged: ${cause.message}`, {
      cause,
    });
  }
}

interface Draft {
  protocol: Protocol | undefined;
  metadata: Metadata | undefined;
  readonly txns: Map<string, SetTransaction>;
  readonly domainMetadata: Map<string, DomainMetadata>;
  readonly commitInfos: Map<number, CommitInfo>;
  readonly held: HeldCommits | undefined;
}

function emptyDraft(held: HeldCommits | undefined): Draft {
  return {
    protocol: undefined,
    metadata: undefined,
    txns: new Map(),
    domainMetadata: new Map(),
    commitInfos: new Map(),
    held,
  };
}

function draftOf(state: TableState): Draft {
  return {
    protocol: state.protocol,
    metadata: state.metadata,
    txns: new Map(state.txns),
    domainMetadata: new Map(state.domainMetadata),
    commitInfos: new Map(),
    held: state.held,
  };
}

async function applyCommits(
  draft: Draft,
  versions: readonly number[],
  { storage, signal }: { readonly storage: Storage; readonly signal?: AbortSignal },
): Promise<void> {
  for (const version of versions) {
    signal?.throwIfAborted();
    const content = await commitContent({ storage, version, held: draft.held });
    for (const action of parseCommit(content, { table: storage.location, version, skipFiles: true })) {
      if ("commitInfo" in action) draft.commitInfos.set(version, action.commitInfo);
      else applyAction(draft, action);
    }
  }
}

function applyAction(draft: Draft, action: Action): void {
  if ("protocol" in action) draft.protocol = action.protocol;
  if ("metaData" in action) draft.metadata = action.metaData;
  if ("txn" in action) draft.txns.set(action.txn.appId, action.txn);
  if ("domainMetadata" in action) {
    const { domain, removed } = action.domainMetadata;
    if (removed) draft.domainMetadata.delete(domain);
    else draft.domainMetadata.set(domain, action.domainMetadata);
  }
}

function finishState(draft: Draft, at: { readonly version: number; readonly table: string }): TableState {
  const { protocol, metadata } = draft;
  if (protocol === undefined) throw missingAction("protocol", at);
  // Before anything else is interpreted: a feature may change what it means.
  checkReadable(protocol);
  if (metadata === undefined) throw missingAction("metaData", at);
  return {
    version: at.version,
    protocol,
    metadata,
    schema: schemaAt(metadata, at),
    partitionColumns: metadata.partitionColumns,
    txns: draft.txns,
    domainMetadata: draft.domainMetadata,
    commitInfos: draft.commitInfos,
    ...(draft.held === undefined ? {} : { held: draft.held }),
  };
}

/** What is wrong with a schema is told with the version by which it stands. */
function schemaAt(
  { schemaString }: Metadata,
  at: { readonly version: number; readonly table: string },
): StructType {
  try {
    return parseSchemaString(schemaString);
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    const { code, hint, message } = error;
    throw new LandfallError(code, {
      message: `Version ${at.version} of ${at.table}: ${message}`,
      hint,
      cause: error,
      ...at,
    });
  }
}

function missingAction(
  kind: string,
  at: { readonly version: number; readonly table: string },
): LandfallError {
  return new LandfallError("TABLE_LOG_CORRUPT", {
    message: `The Delta log of ${at.table} has no ${kind} action up to version ${at.version}.`,
    hint: "Restore _delta_log from a backup, or find out which program wrote its first version.",
    ...at,
  });
}
