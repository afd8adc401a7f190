/** What done marks and files of folded batches say of who won which number; what they get wrong becomes findings. */
import { isLandfallError } from "../../base/landfall-error.ts";
import { listBatchNames, type FoldedFile } from "../../ingest/batch-names.ts";
import { readDoneMark } from "../../ingest/done-batches.ts";
import { readFoldedFile } from "../../ingest/folded-batches.ts";
import type { DoneMark } from "../../ingest/manifest.ts";
import { doneMarkKey } from "../../ingest/state-keys.ts";
import type { Storage } from "../../storage/storage.ts";
import type { Findings } from "./finding.ts";

export interface DoneMarks {
  /** Of folded batches too. */
  readonly byNumber: ReadonlyMap<number, Omit<DoneMark, "schemaVersion">>;
  /** Numbers whose mark cannot be read. */
  readonly damaged: ReadonlySet<number>;
  /** Those of them whose manifest is in a file that is damaged as a whole. */
  readonly inDamagedFile: ReadonlySet<number>;
}

export const DONE_MARK_HINT =
  "If the log still holds the batch's commit, remove the mark and the ledger: the next run writes both anew. Else restore it from a backup.";

/** To be called before the log is read: a mark follows its commit, so each of these has one by then. */
export async function readDoneMarks(
  storage: Storage,
  pipeline: string,
  findings: Findings,
): Promise<DoneMarks> {
  const byNumber = new Map<number, Omit<DoneMark, "schemaVersion">>();
  const damaged = new Set<number>();
  const inDamagedFile = new Set<number>();
  const wrong = (number: number, where: string, what: string): void => {
    damaged.add(number);
    findings.add("fault", "DONE_MARK_WRONG", { what, where, hint: DONE_MARK_HINT });
  };
  const { done } = await listBatchNames(storage, pipeline);
  for (const [number, batchIds] of done) {
    for (const batchId of batchIds) {
      const key = doneMarkKey(pipeline, number, batchId);
      try {
        const mark = await readDoneMark(storage, pipeline, { number, batchId });
        if (mark === undefined) continue;
        if (byNumber.has(mark.number)) wrong(number, key, `Batch ${mark.number} has two done marks.`);
        else if (mark.number !== number || mark.batchId !== batchId)
          wrong(
            number,
            key,
            `The done mark of batch ${number} speaks of batch ${mark.number} (${mark.batchId}).`,
          );
        else byNumber.set(number, mark);
      } catch (error) {
        if (!isLandfallError(error, "STATE_CORRUPT")) throw error;
        wrong(number, key, error.message);
      }
    }
  }
  // Listed after the marks: what was folded while they were read is found here.
  for (const file of (await listBatchNames(storage, pipeline)).folded) {
    for (const batch of (await readOrReport(storage, file, findings)) ?? []) {
      const { number, batchId, version } = batch;
      const mark = byNumber.get(number);
      if (mark === undefined) byNumber.set(number, batch);
      else if (mark.batchId !== batchId || mark.version !== version)
        wrong(
          number,
          doneMarkKey(pipeline, number, mark.batchId),
          `The done mark of batch ${number} names version ${mark.version} and ${mark.batchId}; ${file.key} has it at version ${version} as ${batchId}.`,
        );
    }
    for (let number = file.first; number <= file.last; number++) {
      if (byNumber.has(number)) continue;
      damaged.add(number);
      inDamagedFile.add(number);
    }
  }
  return { byNumber, damaged, inDamagedFile };
}

async function readOrReport(
  storage: Storage,
  file: FoldedFile,
  findings: Findings,
): ReturnType<typeof readFoldedFile> {
  try {
    return await readFoldedFile(storage, file);
  } catch (error) {
    if (!isLandfallError(error, "STATE_CORRUPT")) throw error;
    findings.add("fault", "FOLDED_DAMAGED", {
      what: error.message,
      where: file.key,
      hint: "Restore it from a backup before the ledger is lost.",
    });
    return undefined;
  }
}
