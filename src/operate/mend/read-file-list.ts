/** Reads a list of files that another loader has read, whatever it is: told by what lies there, not by its name. */
import { closeSync, copyFileSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { LandfallError, messageOf } from "../../base/landfall-error.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ListedEntry } from "./listed-entry.ts";
import { parseFileList } from "./parse-file-list.ts";
import { readSparkCheckpoint } from "./spark-checkpoint.ts";

/**
 * @param options.withEngine is called for Parquet only
 * @throws LandfallError USAGE for what cannot be understood
 */
export async function readFileList(options: {
  readonly path: string;
  readonly withEngine: <T>(
    run: (scratch: { readonly engine: Engine; readonly scratchFolder: string }) => Promise<T>,
  ) => Promise<T>;
  readonly signal?: AbortSignal | undefined;
}): Promise<readonly ListedEntry[]> {
  const { path, withEngine, signal } = options;
  try {
    if (statSync(path).isDirectory()) return readSparkCheckpoint(path);
    if (!isParquet(path)) return parseFileList(readFileSync(path, "utf8"), path);
    const text = await withEngine(async ({ engine, scratchFolder }) => {
      // The engine would take some names for patterns.
      const parquetPath = join(scratchFolder, "list.parquet");
      const jsonPath = join(scratchFolder, "list.json");
      copyFileSync(path, parquetPath);
      await engine.toJsonLines({ parquetPath, jsonPath, ...(signal ? { signal } : {}) });
      return readFileSync(jsonPath, "utf8");
    });
    return text.trim() === "" ? [] : parseFileList(text, path);
  } catch (error) {
    if (error instanceof LandfallError && error.code !== "ENGINE_FAILED") throw error;
    throw new LandfallError("USAGE", {
      message: `The list ${path} cannot be read: ${messageOf(error)}`,
      hint: "It is CSV with a header (path,size,mtime), lines of JSON or Parquet with such keys, or the folder of a Spark checkpoint.",
      file: path,
      cause: error,
    });
  }
}

function isParquet(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const magic = Buffer.alloc(4);
    return readSync(file, magic, 0, 4, 0) === 4 && magic.toString("latin1") === "PAR1";
  } finally {
    closeSync(file);
  }
}
