/** The commits that the log still holds, as `verify` needs them: what each did to the files, and whose it is. */
import { isLandfallError } from "../../base/landfall-error.ts";
import { findCommitInfo, type AddFile } from "../../delta/actions.ts";
import { listLog, readCommit } from "../../delta/log-storage.ts";
import { commitKey } from "../../delta/log-files.ts";
import { ownCompactionOf, type OwnCompaction } from "../../ingest/compaction-record.ts";
import { ownCommitOf, type OwnCommit } from "../../ingest/own-commit.ts";
import { appIdOf, type PipelineIdentity } from "../../ingest/pipeline-identity.ts";
import type { Storage } from "../../storage/storage.ts";
import { recordsOf } from "../../delta/stated-statistics.ts";
import { refreshCommitOf } from "../refresh/full-refresh.ts";
import type { Findings } from "./finding.ts";

export interface LoggedFile {
  /** As in the log. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** `numRecords`; undefined where the log does not say. */
  readonly rows: number | undefined;
}

export interface LoggedCommit {
  readonly version: number;
  /** Undefined for a commit by another program. */
  readonly own: (OwnCommit & { readonly pipelineId: string }) | undefined;
  /** A compaction of one of the pipelines. */
  readonly compaction: OwnCompaction | undefined;
  /** True for the commit of a full refresh. */
  readonly refreshes: boolean;
  readonly operation: string;
  readonly engine: string;
  /** True where a file action says that rows changed. */
  readonly changesData: boolean;
  readonly adds: readonly LoggedFile[];
  readonly removes: readonly string[];
}

export interface History {
  /** Ascending; without those that cannot be read. */
  readonly commits: readonly LoggedCommit[];
  /** The oldest version whose commit is there; undefined for a log without any. */
  readonly oldest: number | undefined;
  /** True when every commit from version 0 on is there and can be read. */
  readonly complete: boolean;
}

/** Reads every commit; gaps, damaged commits and trimmed history become findings. */
export async function readHistory(options: {
  readonly storage: Storage;
  readonly pipelines: readonly PipelineIdentity[];
  readonly findings: Findings;
  readonly signal?: AbortSignal | undefined;
}): Promise<History> {
  const { storage, pipelines, findings, signal } = options;
  const { commits: versions } = await listLog({ storage, ...(signal ? { signal } : {}) });
  const commits: LoggedCommit[] = [];
  let whole = reportGaps(versions, findings);
  for (const version of versions) {
    signal?.throwIfAborted();
    try {
      const commit = await readCommit({ storage, version });
      if (commit !== undefined) commits.push(loggedCommit(version, commit.actions, pipelines));
    } catch (error) {
      if (!isLandfallError(error, "TABLE_LOG_CORRUPT")) throw error;
      whole = false;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      findings.add("fault", "LOG_DAMAGED", { what: error.message, where: commitKey(version), ...hint });
    }
  }
  const [oldest] = versions;
  if (oldest !== undefined && oldest > 0) {
    findings.add("unprovable", "HISTORY_TRIMMED", {
      what: `The log no longer holds the commits before version ${oldest}: of their batches only done marks, manifests and data files are left to compare.`,
      where: `versions 0 to ${oldest - 1}`,
    });
  }
  return { commits, oldest, complete: whole && oldest === 0 };
}

/** False when versions are missing between the first and the last. */
function reportGaps(versions: readonly number[], findings: Findings): boolean {
  let whole = true;
  for (const [i, version] of versions.entries()) {
    const before = versions[i - 1];
    if (before === undefined || version === before + 1) continue;
    whole = false;
    const missing = version === before + 2 ? `${before + 1} is` : `${before + 1} to ${version - 1} are`;
    findings.add("fault", "LOG_DAMAGED", {
      what: `The Delta log has a gap: version ${missing} missing.`,
      where: commitKey(before + 1),
      hint: "Restore it from a backup; without it nobody knows what that version changed.",
    });
  }
  return whole;
}

function loggedCommit(
  version: number,
  actions: Parameters<typeof ownCommitOf>[0],
  pipelines: readonly PipelineIdentity[],
): LoggedCommit {
  let own: LoggedCommit["own"];
  for (const { pipelineId } of pipelines) {
    const found = ownCommitOf(actions, appIdOf(pipelineId));
    if (found !== undefined) own = { ...found, pipelineId };
  }
  const info = findCommitInfo(actions);
  const compaction = ownCompactionOf(actions);
  return {
    version,
    own,
    refreshes: pipelines.some(
      ({ pipelineId }) => refreshCommitOf(actions, { appId: appIdOf(pipelineId), version }) !== undefined,
    ),
    compaction: pipelines.some(({ name }) => name === compaction?.pipeline) ? compaction : undefined,
    changesData: actions.some(
      (action) =>
        ("add" in action && action.add.dataChange) || ("remove" in action && action.remove.dataChange),
    ),
    operation: info?.operation ?? "an unnamed operation",
    engine: typeof info?.["engineInfo"] === "string" ? info["engineInfo"] : "another program",
    adds: actions.flatMap((action) => ("add" in action ? [loggedFile(action.add)] : [])),
    removes: actions.flatMap((action) => ("remove" in action ? [action.remove.path] : [])),
  };
}

function loggedFile(add: AddFile): LoggedFile {
  return { path: add.path, size: add.size, rows: recordsOf(add) };
}
