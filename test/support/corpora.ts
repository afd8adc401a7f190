/** The corpora of other people's tables and files, which lie beside the repository and are no part of it. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** `$LANDFALL_CORPORA`, else `../shared/corpora` beside the repository. */
export function corporaFolder(): string {
  return resolve(process.env["LANDFALL_CORPORA"] ?? join(import.meta.dirname, "../../../shared/corpora"));
}

/**
 * Why a suite over the corpora is to be skipped; false when it can run. Where LANDFALL_CORPORA says that they are there, as
 * `.ci/run` does, their absence is no reason: the suite runs, and fails.
 */
export function corporaMissing(): string | false {
  if (process.env["LANDFALL_CORPORA"] !== undefined || existsSync(corporaFolder())) return false;
  return `no corpora in ${corporaFolder()}: set LANDFALL_CORPORA`;
}
