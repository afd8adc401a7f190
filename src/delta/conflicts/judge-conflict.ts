/**
 * Whether a commit that was planned without knowing another one still holds after it: the rules of Delta's conflict checker, in its order
 * (delta.io, "Concurrency control", "Conflict exceptions"). Pure.
 */
import type { ErrorCode } from "../../base/error-codes.ts";
import { findCommitInfo, type Action, type AddFile } from "../actions.ts";
import { canonicalPath } from "../add-path.ts";
import { fileTest } from "../prune/may-match.ts";
import { prunedTable } from "../plan-scan.ts";
import type { TableState } from "../table-state.ts";
import type { IsolationLevel } from "./isolation-level.ts";
import type { ReadSet } from "./read-set.ts";

export type ConflictCode = Extract<ErrorCode, `CONFLICT_${string}`>;

export interface Conflict {
  readonly code: ConflictCode;
  /** What of the winner stands in the way: a path, a domain, an application; undefined where the code says it all. */
  readonly what: string | undefined;
}

export interface JudgeConflictOptions {
  /** The table that the commit was planned for. */
  readonly state: TableState;
  /** Of the table's folder; see `localRoot`. */
  readonly root: string | undefined;
  /** What is to be committed. */
  readonly actions: readonly Action[];
  readonly reads: ReadSet;
  /** The commit that came first. */
  readonly winner: readonly Action[];
  readonly isolation: IsolationLevel;
}

/** Undefined where the commit may follow the winner as it is. */
export function judgeConflict(options: JudgeConflictOptions): Conflict | undefined {
  return (
    shapeConflict(options) ??
    transactionConflict(options) ??
    appendConflict(options) ??
    removeConflict(options)
  );
}

/** Whatever rests on a schema or on what a writer must know is planned again, blind appends too. */
function shapeConflict({ winner }: JudgeConflictOptions): Conflict | undefined {
  if (winner.some((action) => "protocol" in action))
    return { code: "CONFLICT_PROTOCOL_CHANGED", what: undefined };
  if (winner.some((action) => "metaData" in action))
    return { code: "CONFLICT_METADATA_CHANGED", what: undefined };
  return undefined;
}

/** Its row ids are given anew with each attempt: two that raise the mark are not in each other's way. */
const MERGED_DOMAIN = "delta.rowTracking";

function transactionConflict({ actions, reads, winner }: JudgeConflictOptions): Conflict | undefined {
  const own = new Set(reads.appIds);
  const domains = new Set<string>();
  for (const action of actions) {
    if ("txn" in action) own.add(action.txn.appId);
    if ("domainMetadata" in action) domains.add(action.domainMetadata.domain);
  }
  for (const action of winner) {
    if ("txn" in action && own.has(action.txn.appId))
      return { code: "CONFLICT_CONCURRENT_TRANSACTION", what: `the application ${action.txn.appId}` };
    if (!("domainMetadata" in action)) continue;
    const { domain } = action.domainMetadata;
    if (domain !== MERGED_DOMAIN && domains.has(domain))
      return { code: "CONFLICT_CONCURRENT_TRANSACTION", what: `the domain ${domain}` };
  }
  return undefined;
}

function appendConflict(options: JudgeConflictOptions): Conflict | undefined {
  const { state, reads, winner, isolation } = options;
  if (reads.rows === "none" || isolation === "SnapshotIsolation") return undefined;
  // An absent word is no promise.
  const isBlind = findCommitInfo(winner)?.isBlindAppend === true;
  if (isolation === "WriteSerializable" && isBlind) return undefined;
  const table = prunedTable(state);
  const tests =
    reads.rows === "all" ? undefined : reads.rows.where.map((predicate) => fileTest({ ...table, predicate }));
  const isRead = (add: AddFile): boolean => tests?.some((test) => test(add)) ?? true;
  for (const action of winner)
    // Rows that were only moved are caught by the removes of the files that they were in.
    if ("add" in action && action.add.dataChange && isRead(action.add))
      return { code: "CONFLICT_CONCURRENT_APPEND", what: action.add.path };
  return undefined;
}

function removeConflict({ root, actions, reads, winner }: JudgeConflictOptions): Conflict | undefined {
  const canonical = (path: string): string => canonicalPath(path, root);
  const read = new Set(reads.files.map(canonical));
  const removed = new Set(
    actions.flatMap((action) => ("remove" in action ? [canonical(action.remove.path)] : [])),
  );
  let isRemovedByBoth: string | undefined;
  for (const action of winner) {
    if (!("remove" in action)) continue;
    const { path, dataChange } = action.remove;
    const key = canonical(path);
    // A file that both take away was read by whoever did so; what is told is the stronger of the two.
    if (removed.has(key)) isRemovedByBoth ??= path;
    else if (read.has(key) || (reads.rows === "all" && dataChange))
      return { code: "CONFLICT_CONCURRENT_DELETE_READ", what: path };
  }
  return isRemovedByBoth === undefined
    ? undefined
    : { code: "CONFLICT_CONCURRENT_DELETE_DELETE", what: isRemovedByBoth };
}
