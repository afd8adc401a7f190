/**
 * `verify --data`: reads every data file, counts its rows and recomputes the statistics that the log states. Values go through an
 * expression that the engine cannot know, or it would answer from the Parquet footer what the footer itself says.
 */
import type { ErrorCode } from "../../base/error-codes.ts";
import { isLandfallError, messageOf } from "../../base/landfall-error.ts";
import { isJsonObject, parseJson, stringifyJson, type JsonValue } from "../../base/lossless-json.ts";
import type { AddFile } from "../../delta/actions.ts";
import { readDeletionVector } from "../../delta/deletion-vector/read-deletion-vector.ts";
import { columnsToRead } from "../../delta/files-to-read.ts";
import { indexedColumns } from "../../delta/indexed-columns.ts";
import type { Snapshot } from "../../delta/snapshot.ts";
import { statisticsJson } from "../../delta/statistics.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Measured } from "../../engine/measure-sql.ts";
import type { Storage } from "../../storage/storage.ts";
import { recordsOf, statsOf } from "../../delta/stated-statistics.ts";
import { measureFiles } from "../../table/check/measure-files.ts";
import type { StructType } from "../../schema/data-type.ts";
import type { ManifestFile } from "./check-batches.ts";
import type { Findings } from "./finding.ts";
import { isStatedBeforeWidening } from "./stated-before-widening.ts";

export interface CheckDataOptions {
  readonly storage: Storage;
  readonly engine: Engine;
  readonly snapshot: Snapshot;
  /** Live files that are there. */
  readonly files: readonly { readonly add: AddFile; readonly key: string }[];
  readonly ours: ReadonlyMap<string, ManifestFile>;
  readonly findings: Findings;
  readonly signal?: AbortSignal | undefined;
}

interface DataFile {
  readonly add: AddFile;
  readonly key: string;
  readonly path: string;
}

const VECTOR_FAULTS: ReadonlySet<ErrorCode> = new Set([
  "TABLE_DATA_CORRUPT",
  "OBJECT_MISSING",
  "TABLE_FILE_OUTSIDE",
]);

/** Answers how many files and rows were read. */
export async function checkData(
  options: CheckDataOptions,
): Promise<{ readonly files: number; readonly rows: number }> {
  const { storage, snapshot, findings } = options;
  const { schema, partitionColumns } = snapshot;
  const { configuration } = snapshot.metadata;
  const leaves = indexedColumns({ schema, partitionColumns, configuration });
  const files: DataFile[] = [];
  for (const { add, key } of options.files) {
    if (storage.localPath === undefined) {
      const what = "The data file does not lie on this machine, and only such are read yet.";
      findings.add("unprovable", "DATA_FILE_UNREACHABLE", { what, where: key });
    } else files.push({ add, key, path: storage.localPath(key) });
  }
  const total = { files: 0, rows: 0 };
  const columns = columnsToRead(snapshot);
  for await (const read of measureFiles({ ...options, columns, leaves, files })) {
    if ("error" in read) {
      findings.add("fault", "DATA_FILE_DAMAGED", {
        what: `A data file cannot be read: ${messageOf(read.error).replace("The query failed: ", "")}`,
        where: read.file.key,
        hint: "Restore it from a backup; or take its source files back and read them again.",
      });
      continue;
    }
    total.files += 1;
    total.rows += read.measured.rows;
    judge(options, read.file, read.measured);
    await judgeVector(options, read.file, read.measured.rows);
  }
  return total;
}

function judge(options: CheckDataOptions, file: DataFile, measured: Measured): void {
  const { snapshot, ours, findings } = options;
  const records = recordsOf(file.add);
  if (records !== undefined && records !== measured.rows) {
    findings.add("fault", "DATA_FILE_ROWS", {
      what: `A data file holds ${measured.rows} rows; the log says ${records}.`,
      where: file.key,
      hint: "Rows are lost or doubled: restore the file from a backup.",
    });
  }
  // By which rules others cut their bounds is theirs to say.
  const stated = statsOf(file.add);
  if (!ours.has(file.add.path) || stated === undefined) return;
  const recomputed = parseJson(
    statisticsJson({
      numRecords: measured.rows,
      columns: measured.columns,
      schema: snapshot.schema,
      partitionColumns: snapshot.partitionColumns,
      configuration: snapshot.metadata.configuration,
    }),
  );
  for (const part of ["minValues", "maxValues", "nullCount"] as const) {
    const found = isJsonObject(recomputed) ? recomputed[part] : undefined;
    const wrong = firstDifference(stated[part], found, { schema: snapshot.schema, path: [] });
    if (wrong === undefined) continue;
    findings.add("fault", "STATISTICS_WRONG", {
      what: `The log states ${part}.${wrong.path.join(".")} = ${text(wrong.stated)}; the values of the file say ${text(wrong.found)}.`,
      where: file.key,
      hint: "Readers skip files by these: the log or the file was edited. Restore it from a backup.",
    });
  }
}

/** The rows are counted with the deleted ones, as the statistics do; the vector that deletes them must be whole. */
async function judgeVector(options: CheckDataOptions, { add, key }: DataFile, rows: number): Promise<void> {
  if (add.deletionVector === undefined) return;
  const { storage, findings, signal } = options;
  try {
    const call = signal === undefined ? {} : { signal };
    await readDeletionVector({ storage, descriptor: add.deletionVector, file: add.path, rows, ...call });
  } catch (error) {
    if (!isLandfallError(error)) throw error;
    if (!VECTOR_FAULTS.has(error.code)) throw error;
    findings.add("fault", "DATA_FILE_DAMAGED", { what: error.message, where: key, hint: error.hint });
  }
}

interface Difference {
  readonly path: readonly string[];
  readonly stated: JsonValue;
  readonly found: JsonValue | undefined;
}

/** Of what is stated; a bound that is left out is never wrong. */
function firstDifference(
  stated: JsonValue | undefined,
  found: JsonValue | undefined,
  { schema, path }: { readonly schema: StructType; readonly path: readonly string[] },
): Difference | undefined {
  if (stated === undefined) return undefined;
  if (!isJsonObject(stated)) {
    const isSame = stated === found || isStatedBeforeWidening({ schema, path, stated, found });
    return isSame ? undefined : { path, stated, found };
  }
  const inner = isJsonObject(found) ? found : {};
  for (const [name, value] of Object.entries(stated)) {
    const wrong = firstDifference(value, Object.hasOwn(inner, name) ? inner[name] : undefined, {
      schema,
      path: [...path, name],
    });
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function text(value: JsonValue | undefined): string {
  return value === undefined ? "nothing" : stringifyJson(value);
}
