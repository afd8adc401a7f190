/**
 * Finds the rows that make a transform fail: the files are staged once more, with the place of each row, and the transform is tried on
 * halves of them. Only once a batch has failed, so that no batch that does not pays for it.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { displayKey } from "../../base/path-bytes.ts";
import { freeName } from "../../schema/source-name.ts";
import type { StageFile, StageResult } from "../engine.ts";
import { pathsArgument, quoteName, quoteText, rowAsJson } from "../sql.ts";
import { applyToRows } from "./apply-to-rows.ts";
import { narrowDown } from "./narrow-down.ts";
import { isRowsFault, readableError } from "./readable-error.ts";
import { stageBatchRows } from "./stage-batch-rows.ts";
import type { TransformContext, TransformRequest } from "./transform-request.ts";

export interface LocatedRow {
  /** The file's key for people; of an archive with the member behind it. */
  readonly file: string;
  /** From 1. */
  readonly record: number;
  /** The row as JSON, cut. */
  readonly content: string;
  readonly reason: string;
}

export type Located =
  /** `isCut`: others may fail, too. */
  | { readonly kind: "rows"; readonly rows: readonly LocatedRow[]; readonly isCut: boolean }
  /** No row fails alone; with `isCut` none of those that were tried. */
  | { readonly kind: "together"; readonly isCut: boolean }
  /** It fails without a row. */
  | { readonly kind: "always" };

const MAX_TRIALS = 60;
const MAX_ROWS = 5;
const CONTENT_LENGTH = 200;

interface Places {
  readonly file: string;
  readonly record: string;
  /** The row's place among all. */
  readonly at: string;
}

export async function locateRows(
  request: TransformRequest,
  context: TransformContext,
  batch: StageResult,
): Promise<Located> {
  const taken = new Set(batch.schema.fields.map(({ name }) => name.toLowerCase()));
  const places: Places = {
    file: freeName("landfall_file", taken),
    record: freeName("landfall_record", taken),
    at: freeName("landfall_at", taken),
  };
  const folder = join(request.scratchFolder, "located");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { path, rows } = await writePlaced(request, context, { places, folder });
  const names = batch.schema.fields.map(({ name }) => quoteName(name)).join(", ");
  const from = `FROM read_parquet(${pathsArgument([path])}, hive_partitioning = false)`;
  const at = quoteName(places.at);
  const trial = (first: number, end: number): Promise<string | undefined> =>
    failureOf(request, context, {
      select: `SELECT ${names} ${from} WHERE ${at} >= ${first} AND ${at} < ${end}`,
      schema: batch.schema,
      folder,
    });
  if ((await trial(0, 0)) !== undefined) return { kind: "always" };
  const found = await narrowDown({ rows, trial, maxTrials: MAX_TRIALS, maxRows: MAX_ROWS });
  if (found.rows.length === 0) return { kind: "together", isCut: found.isCut };
  const contents = await context.duckdb.rows(
    `SELECT ${at} AS "at", ${quoteName(places.file)} AS file, ${quoteName(places.record)} AS record,
      left(${rowAsJson(batch.schema)}, ${CONTENT_LENGTH}) AS content
      ${from} WHERE ${at} IN (${found.rows.map((row) => row.at).join(", ")})`,
    "read the rows that break the transform",
    context.signal,
  );
  const byPlace = new Map(contents.map((row) => [Number(row["at"]), row]));
  const nameOf = namesByPath(request.files);
  const located = found.rows.map(({ at: place, reason }): LocatedRow => {
    const { file, record, content } = byPlace.get(place)! as Record<string, string>;
    return { file: nameOf(file!), record: Number(record), content: content!, reason };
  });
  return { kind: "rows", rows: located, isCut: found.isCut };
}

/** All rows with their places, in their order, as one Parquet file. */
async function writePlaced(
  request: TransformRequest,
  context: TransformContext,
  { places, folder }: { readonly places: Places; readonly folder: string },
): Promise<{ readonly path: string; readonly rows: number }> {
  const { dataFiles } = await stageBatchRows(request, context, {
    provenance: [
      ...request.provenance,
      { column: places.file, field: "file_path" },
      { column: places.record, field: "record_number" },
    ],
    scratchFolder: folder,
  });
  const path = join(folder, "rows.parquet");
  if (dataFiles.length === 0) return { path, rows: 0 };
  const order = `${quoteName(places.file)}, ${quoteName(places.record)}`;
  const [row] = await context.duckdb.rows(
    `COPY (SELECT row_number() OVER (ORDER BY ${order}) - 1 AS ${quoteName(places.at)}, *
      FROM read_parquet(${pathsArgument(dataFiles.map((file) => file.path))}, hive_partitioning = false) ORDER BY 1)
      TO ${quoteText(path)} (FORMAT parquet, COMPRESSION snappy)`,
    "put the rows of the batch in order",
    context.signal,
  );
  for (const file of dataFiles) await rm(file.path, { force: true });
  return { path, rows: Number(row!["Count"]) };
}

/** Why the transform fails on some rows; undefined where it does not. */
async function failureOf(
  { transform }: TransformRequest,
  { duckdb, signal }: TransformContext,
  some: { readonly select: string; readonly schema: StageResult["schema"]; readonly folder: string },
): Promise<string | undefined> {
  const parquetPath = join(some.folder, "trial.parquet");
  try {
    await applyToRows({ duckdb, transform, ...some, parquetPath, signal });
    return undefined;
  } catch (error) {
    if (!isRowsFault(error)) throw error;
    return readableError(error, transform).text;
  }
}

/** From the path that a row tells to how messages call its file. */
function namesByPath(files: readonly StageFile[]): (path: string) => string {
  const names = new Map(files.map(({ path, key }) => [displayKey(path), displayKey(key)]));
  // A member may have a name for which its whole path is shown encoded.
  const keys = new Map(files.map(({ path, key }) => [path, key]));
  return (path) => {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const [file, member] = [path.slice(0, end), path.slice(end)];
      const name = names.get(file);
      if (name !== undefined) return name + member;
      const key = keys.get(file);
      if (key !== undefined) return displayKey(key + member);
    }
    return path;
  };
}
