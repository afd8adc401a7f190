/** How a commit names the batch that it ends: `commitInfo.landfall`, and the `txn` of the pipeline. */
import { isJsonObject } from "../base/lossless-json.ts";
import { findCommitInfo, type Action, type CommitInfo } from "../delta/actions.ts";

export interface OwnCommit {
  readonly number: number;
  readonly batchId: string;
  /** Key of the manifest below the table's root. */
  readonly manifest: string;
  readonly sha256: string;
}

/** The batch that a commit of this pipeline ends; undefined for any other commit. */
export function ownCommitOf(actions: readonly Action[], appId: string): OwnCommit | undefined {
  const txn = actions.find((action) => "txn" in action && action.txn.appId === appId);
  if (txn === undefined || !("txn" in txn)) return undefined;
  const landfall = findCommitInfo(actions)?.["landfall"];
  if (!isJsonObject(landfall)) return undefined;
  const { batchId, manifest, sha256 } = landfall;
  if (typeof batchId !== "string" || typeof manifest !== "string" || typeof sha256 !== "string")
    return undefined;
  return { number: Number(txn.txn.version), batchId, manifest, sha256 };
}

/** The `commitInfo` of a batch, in Spark's words so that `DESCRIBE HISTORY` reads well. */
export function batchCommitInfo(options: {
  readonly now: number;
  readonly engineInfo: string;
  readonly commit: OwnCommit;
  readonly pipeline: string;
  readonly partitionBy: readonly string[];
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
}): CommitInfo {
  return {
    timestamp: options.now,
    operation: "WRITE",
    // Spark's values are JSON texts.
    operationParameters: {
      mode: JSON.stringify("Append"),
      partitionBy: JSON.stringify(JSON.stringify(options.partitionBy)),
    },
    isBlindAppend: true,
    operationMetrics: {
      numFiles: String(options.files),
      numOutputRows: String(options.rows),
      numOutputBytes: String(options.bytes),
    },
    engineInfo: options.engineInfo,
    // The batchId is made for one plan of one process and never used again: it is the commit's token, too.
    txnId: options.commit.batchId,
    landfall: {
      pipeline: options.pipeline,
      number: options.commit.number,
      batchId: options.commit.batchId,
      manifest: options.commit.manifest,
      sha256: options.commit.sha256,
    },
  };
}
