/**
 * The commit of a compaction: no row changes, so every action has `dataChange: false`, and no `txn` is touched. It never fights: who took
 * one of its files out, or changed the table's shape, has won, and the files are looked at again later.
 */
import { faultPoint } from "../base/fault-point.ts";
import type { Action, AddFile, CommitInfo } from "../delta/actions.ts";
import { canonicalPath } from "../delta/add-path.ts";
import { localRoot } from "../delta/locate-file.ts";
import { readBack, tryCommit } from "../delta/commit.ts";
import { readCommit } from "../delta/log-storage.ts";
import { removeOf } from "../delta/remove-of.ts";
import type { TableState } from "../delta/table-state.ts";
import { isSameShape } from "./commit-batch.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { compactionKey } from "./state-keys.ts";

export interface StagedCompaction {
  readonly id: string;
  readonly sha256: string;
  /** The table in which the inputs were live. */
  readonly base: TableState;
  readonly inputs: readonly AddFile[];
  readonly outputs: readonly AddFile[];
}

export type CompactionOutcome =
  | { readonly outcome: "committed"; readonly version: number }
  | { readonly outcome: "void"; readonly reason: string };

const MAX_ATTEMPTS = 5;

/** @throws storage errors, after which nobody knows whether it has landed */
export async function commitCompaction(
  context: PipelineContext,
  staged: StagedCompaction,
  options: { readonly engineInfo: string },
): Promise<CompactionOutcome> {
  const { storage } = context.table;
  const root = localRoot(storage);
  const inputs = new Set(staged.inputs.map(({ path }) => canonicalPath(path, root)));
  let seen = staged.base.version;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const state = await context.table.refresh();
    if (state === undefined || !isSameShape(staged.base, state))
      return { outcome: "void", reason: "another writer changed the table's schema, protocol or properties" };
    for (; seen < state.version; seen++) {
      const commit = await readCommit({ storage, version: seen + 1 });
      if (commit === undefined || touches(commit.actions, inputs, root))
        return { outcome: "void", reason: `version ${seen + 1} changed a file that was to be compacted` };
    }
    const version = state.version + 1;
    faultPoint("compact.before");
    const actions = actionsOf(context, staged, { ...options, readVersion: state.version });
    const tried = await tryCommit({ storage, version, actions });
    if (tried.outcome === "taken") continue;
    faultPoint("compact.after");
    if ((await readBack({ storage, version, txnId: staged.id })) === "ours")
      return { outcome: "committed", version };
    return {
      outcome: "void",
      reason: `another writer replaced version ${version} after this compaction had committed it`,
    };
  }
  return { outcome: "void", reason: "other writers committed first, at every attempt" };
}

/** True where a commit speaks of one of the files, in whatever way. @param paths canonical below the root, the table's folder on this machine */
export function touches(
  actions: readonly Action[],
  paths: ReadonlySet<string>,
  root: string | undefined,
): boolean {
  return actions.some((action) => {
    if ("remove" in action) return paths.has(canonicalPath(action.remove.path, root));
    return "add" in action && paths.has(canonicalPath(action.add.path, root));
  });
}

function actionsOf(
  context: PipelineContext,
  staged: StagedCompaction,
  options: { readonly engineInfo: string; readonly readVersion: number },
): Action[] {
  const now = context.clock.now();
  return [
    { commitInfo: compactionCommitInfo(context, staged, { ...options, now }) },
    ...staged.inputs.map((input) => ({ remove: removeOf(input, { now, dataChange: false }) })),
    ...staged.outputs.map((add) => ({ add })),
  ];
}

/** In Spark's words, so that `DESCRIBE HISTORY` reads well; its values are JSON texts. */
function compactionCommitInfo(
  context: PipelineContext,
  staged: StagedCompaction,
  options: { readonly engineInfo: string; readonly readVersion: number; readonly now: number },
): CommitInfo {
  const { id, sha256, inputs, outputs } = staged;
  const bytes = (files: readonly AddFile[]): string => String(files.reduce((sum, { size }) => sum + size, 0));
  return {
    timestamp: options.now,
    operation: "OPTIMIZE",
    operationParameters: { predicate: "[]", zOrderBy: "[]", auto: "true" },
    readVersion: options.readVersion,
    isolationLevel: "SnapshotIsolation",
    isBlindAppend: false,
    operationMetrics: {
      numRemovedFiles: String(inputs.length),
      numRemovedBytes: bytes(inputs),
      numAddedFiles: String(outputs.length),
      numAddedBytes: bytes(outputs),
    },
    engineInfo: options.engineInfo,
    txnId: id,
    landfall: {
      pipeline: context.name,
      compaction: id,
      record: compactionKey(context.name, id),
      sha256,
    },
  };
}
