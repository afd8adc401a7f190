/** What the table's side of a comparison is: the data files of a batch, the records that it rejected, and the sums of its values. */
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { isLandfallError } from "../../../base/landfall-error.ts";
import { uuidv7 } from "../../../base/uuid.ts";
import { canonicalPath, storageKeyOfPath } from "../../../delta/add-path.ts";
import { localRoot } from "../../../delta/locate-file.ts";
import type { Snapshot } from "../../../delta/snapshot.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { Manifest } from "../../../ingest/manifest.ts";
import type { StructType } from "../../../schema/data-type.ts";
import { REJECT_COLUMNS } from "../../list-rejects.ts";
import type { TableView } from "../../table-view.ts";
import type { Findings } from "../finding.ts";
import { countedReader } from "./counted-reader.ts";
import { parseRow, ValueSums } from "./value-sums.ts";

export interface BatchRowsOptions {
  readonly view: TableView;
  readonly engine: Engine;
  readonly snapshot: Snapshot;
  readonly findings: Findings;
  readonly signal: AbortSignal | undefined;
}

/** What is looked up of rejected records at most; of a batch with more nothing but counts is compared. */
const MOST_REJECTS = 100_000;
export const RESCUED = "_rescued_data";

function isJson(key: string, told: Manifest["reader"]): boolean {
  const answer = countedReader(key, told);
  return "reader" in answer && answer.reader.format === "json";
}

/** Data files of the batch, where its rows can be told from its inputs: all live, of JSON, without a transform or rows of broken records. */
export function comparableFiles(
  { snapshot, view }: BatchRowsOptions,
  manifest: Manifest,
): readonly string[] | undefined {
  const { storage } = view;
  if (manifest.transform !== undefined || storage.localPath === undefined) return undefined;
  const isPlain = manifest.arrivals.every(
    ({ outcome, key, ignored = 0, corrupt = 0 }) =>
      outcome !== "committed" || (isJson(key, manifest.reader) && ignored + corrupt === 0),
  );
  if (!isPlain) return undefined;
  const root = localRoot(storage);
  const live = new Set(
    [...snapshot.adds.values()]
      .filter(({ deletionVector }) => deletionVector === undefined)
      .map(({ path }) => canonicalPath(path, root)),
  );
  const keys: string[] = [];
  for (const { path } of manifest.dataFiles) {
    const key = storageKeyOfPath(path);
    if (key === undefined || !live.has(canonicalPath(path, root))) return undefined;
    keys.push(key);
  }
  return keys;
}

/** As `key\nrecord`; undefined where they cannot be told, or are too many to be held. */
export async function rejectedRecords(
  { view, engine, signal }: BatchRowsOptions,
  { rejects }: Manifest,
): Promise<ReadonlySet<string> | undefined> {
  if (rejects === undefined) return new Set();
  if (view.storage.localPath === undefined || rejects.rows > MOST_REJECTS) return undefined;
  if ((await view.storage.head(rejects.path)) === undefined) return undefined;
  const files = [{ path: view.storage.localPath(rejects.path), partitionValues: {} }];
  const tables = [{ name: "rejects", schema: REJECT_COLUMNS, partitionColumns: [], files }];
  const sql = "SELECT file, record FROM rejects WHERE record IS NOT NULL";
  const { rows } = await engine.query({ sql, tables, limit: MOST_REJECTS + 1 }, signal ? { signal } : {});
  return new Set((rows as [string, string][]).map(([key, record]) => `${key}\n${record}`));
}

export async function sumsOfTable(
  { view, engine, findings, signal }: BatchRowsOptions,
  of: { readonly files: readonly string[]; readonly columns: StructType["fields"] },
): Promise<ValueSums | undefined> {
  const sums = new ValueSums(of.columns);
  for (const key of of.files) {
    // One that is not there has been found already.
    if ((await view.storage.head(key)) === undefined) return undefined;
    const parquetPath = view.storage.localPath!(key);
    const jsonPath = join(view.parquet.scratchFolder, `rows-${uuidv7()}.json`);
    try {
      try {
        await engine.toJsonLines({ parquetPath, jsonPath, ...(signal ? { signal } : {}) });
      } catch (error) {
        if (!isLandfallError(error, "ENGINE_FAILED")) throw error;
        findings.add("fault", "DATA_FILE_DAMAGED", {
          what: `A data file cannot be read: ${error.message}`,
          where: key,
          hint: "Restore it from a backup; or take its source files back and read them again.",
        });
        return undefined;
      }
      const lines = createInterface({ input: createReadStream(jsonPath), crlfDelay: Infinity });
      for await (const line of lines) {
        signal?.throwIfAborted();
        const row = parseRow(line) ?? {};
        sums.add(row);
        const rescued = row[RESCUED];
        // What was rescued stands in no column of its own.
        if (typeof rescued === "string")
          for (const key of Object.keys(parseRow(rescued) ?? {})) sums.uncertain.add(key);
      }
    } finally {
      await rm(jsonPath, { force: true });
    }
  }
  return sums;
}
