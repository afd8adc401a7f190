/** Where the corpora of other programs' tables and files lie; undefined where they are absent. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

export function corporaFolder(): string | undefined {
  const folder = process.env["LANDFALL_CORPORA"] ?? resolve(import.meta.dirname, "../../../shared/corpora");
  return existsSync(folder) ? folder : undefined;
}
