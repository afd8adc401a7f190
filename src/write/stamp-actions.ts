/**
 * What a commit has that hangs on its version, made anew with each attempt: what it says of itself, its in-commit timestamp, and the ids of
 * new rows (PROTOCOL.md, "Commit Provenance Information", "In-Commit Timestamps", "Row Tracking"). Pure.
 */
import { isJsonObject, parseJson } from "../base/lossless-json.ts";
import { LandfallError } from "../base/landfall-error.ts";
import type { Action, AddFile, CommitInfo } from "../delta/actions.ts";
import type { IsolationLevel } from "../delta/conflicts/isolation-level.ts";
import { writerFeaturesOf } from "../delta/features.ts";
import { recordsOf } from "../delta/stated-statistics.ts";
import type { TableState } from "../delta/table-state.ts";
import type { WritePlan } from "./write-plan.ts";

export interface StampOptions {
  readonly plan: WritePlan;
  /** The table that the commit follows on; its version is one less than the commit's. */
  readonly state: TableState;
  /** The version that the plan was made for. */
  readonly readVersion: number;
  readonly isolation: IsolationLevel;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly engineInfo: string;
  readonly txnId: string;
  /** The in-commit timestamp of the version before; undefined where the table has none. */
  readonly timestampBefore: number | undefined;
}

/** @throws LandfallError TABLE_FEATURE_UNSUPPORTED for a table with row tracking that suspends it, or a file without a count of rows */
export function stampActions(options: StampOptions): readonly Action[] {
  const { plan, state } = options;
  const tracked = isTracked(state, plan.actions);
  const actions = tracked ? withRowIds(plan.actions, state) : plan.actions;
  if (options.timestampBefore !== undefined || !turnsTimestampsOn(options))
    return [{ commitInfo: commitInfoOf(options, tracked) }, ...actions];
  const info = commitInfoOf({ ...options, timestampBefore: -1 }, tracked);
  return [{ commitInfo: info }, ...actions.map((action) => withEnablement(action, options))];
}

function turnsTimestampsOn({ plan }: StampOptions): boolean {
  const metadata = plan.actions.find((action) => "metaData" in action)?.metaData;
  return metadata?.configuration["delta.enableInCommitTimestamps"]?.toLowerCase() === "true";
}

/** From which version on they count: the files of versions before it tell their times. */
function withEnablement(action: Action, { state, now }: StampOptions): Action {
  if (!("metaData" in action)) return action;
  const configuration = {
    ...action.metaData.configuration,
    "delta.inCommitTimestampEnablementVersion": String(state.version + 1),
    "delta.inCommitTimestampEnablementTimestamp": String(now),
  };
  return { metaData: { ...action.metaData, configuration } };
}

function commitInfoOf(options: StampOptions, tracked: boolean): CommitInfo {
  const { plan, readVersion, isolation, now, engineInfo, txnId, timestampBefore } = options;
  return {
    ...(timestampBefore === undefined ? {} : { inCommitTimestamp: Math.max(now, timestampBefore + 1) }),
    timestamp: now,
    operation: plan.operation,
    operationParameters: parametersOf(plan),
    readVersion,
    isolationLevel: isolation,
    isBlindAppend: isBlindAppend(plan),
    operationMetrics: plan.operationMetrics,
    ...(tracked ? { tags: { "delta.rowTracking.preserved": String(plan.movesRows !== true) } } : {}),
    engineInfo,
    txnId,
  };
}

/** As Spark writes them: lists and objects as JSON text, plain values as they are. */
function parametersOf({ operationParameters }: WritePlan): WritePlan["operationParameters"] {
  return Object.fromEntries(
    Object.entries(operationParameters).map(([key, value]) => [
      key,
      typeof value === "object" && value !== null ? JSON.stringify(value) : value,
    ]),
  );
}

/** It only adds, and rests on nothing that it read. */
export function isBlindAppend({ actions, reads }: Pick<WritePlan, "actions" | "reads">): boolean {
  return (
    reads.rows === "none" &&
    reads.files.length === 0 &&
    actions.some((action) => "add" in action) &&
    actions.every((action) => "add" in action || "txn" in action || "domainMetadata" in action)
  );
}

const ROW_TRACKING = "delta.rowTracking";

function isTracked({ protocol, metadata }: TableState, actions: readonly Action[]): boolean {
  const now = actions.find((action) => "protocol" in action)?.protocol ?? protocol;
  const { configuration } = actions.find((action) => "metaData" in action)?.metaData ?? metadata;
  const isSuspended = configuration["delta.rowTrackingSuspended"]?.toLowerCase() === "true";
  return writerFeaturesOf(now).includes("rowTracking") && !isSuspended;
}

/** Fresh ids for files that have none, above the mark of all that were ever given. */
function withRowIds(actions: readonly Action[], state: TableState): readonly Action[] {
  let next = highWaterMark(state) + 1n;
  const version = state.version + 1;
  let isGiven = false;
  const stamped = actions.map((action) => {
    if (!("add" in action) || action.add.baseRowId !== undefined) return action;
    const add: AddFile = {
      ...action.add,
      baseRowId: next,
      defaultRowCommitVersion: action.add.defaultRowCommitVersion ?? version,
    };
    next += BigInt(countOf(add));
    isGiven = true;
    return { add };
  });
  if (!isGiven) return actions;
  const configuration = `{"rowIdHighWaterMark":${next - 1n}}`;
  return [...stamped, { domainMetadata: { domain: ROW_TRACKING, configuration, removed: false } }];
}

function highWaterMark({ domainMetadata, version }: TableState): bigint {
  const domain = domainMetadata.get(ROW_TRACKING);
  if (domain === undefined) return -1n;
  const value = parseJson(domain.configuration);
  const mark = isJsonObject(value) ? value["rowIdHighWaterMark"] : undefined;
  if (typeof mark === "number" || typeof mark === "bigint") return BigInt(mark);
  throw new LandfallError("TABLE_LOG_CORRUPT", {
    message: `The domain ${ROW_TRACKING} has no rowIdHighWaterMark at version ${version}.`,
    version,
  });
}

function countOf(add: AddFile): number {
  const rows = recordsOf(add);
  if (rows !== undefined) return rows;
  throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
    message: `The table tracks rows, and the new file ${add.path} has no count of its rows.`,
    file: add.path,
  });
}
