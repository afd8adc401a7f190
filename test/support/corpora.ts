/** The corpora of other people's tables and files, which lie beside the repository and are no part of it. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** `$LANDFALL_CORPORA`, else `../shared/corpora` beside the repository. */
export function corporaFolder(): string {
  return resolve(process.env["LANDFALL_CORPORA"] ?? join(import.meta.dirname, "../../../shared/corpora"));
}

/** Why a suite over the corpora is to be skipped; false when they are there. In CI their absence is no reason. */
export function corporaMissing(): string | false {
  if (existsSync(corporaFolder()) || process.env["CI"] === "true") return false;
  return `no corpora in ${corporaFolder()}: set LANDFALL_CORPORA`;
}
