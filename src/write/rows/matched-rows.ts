import type { QueryTableFile } from "../../engine/engine.ts";
import type { TouchedFile } from "./find-rows.ts";

/** The file as the engine reads it for the rows that are meant, and no others. */
export function matchedRows({ file, matched }: TouchedFile): QueryTableFile {
  const { path, partitionValues } = file;
  return { path, partitionValues, kept: matched };
}
