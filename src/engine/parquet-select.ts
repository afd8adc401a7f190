/** The SELECTs over Parquet files of one shape: their rows as the table takes them, and how many of them do not wholly fit. */
import type { StructType } from "../schema/data-type.ts";
import type { KeyPath } from "../schema/key-path.ts";
import { sourceNameOf } from "../schema/source-name.ts";
import type { FileFacts } from "./file-facts.ts";
import type { OwnColumn } from "./own-columns.ts";
import { NO_OFFSET, placeOf as placeColumns, type PlaceColumns } from "./expect/set-aside.ts";
import { fitValue, placeOf, type Fitted, type Misfit } from "./parquet-fit.ts";
import { memberOf, objectOf } from "./parquet-json.ts";
import type { ParquetField } from "./parquet-type.ts";
import { duckdbType, pathsArgument, quoteName, quoteText } from "./sql.ts";

export interface ParquetSelection {
  readonly schema: StructType;
  /** Columns that no value of the files goes into; one of them may take what does not fit. */
  readonly own: readonly OwnColumn[];
  /** What fills the others of them. */
  readonly facts: FileFacts | undefined;
  /** The name for the column of file names, which no column of the files has. */
  readonly fileColumn: string;
  readonly timeZone: string;
  readonly readerCaseSensitive: boolean;
  /** The places of what does not fit are told where it is rescued, too. Default: only where nothing takes it in. */
  readonly tellsPlaces?: boolean;
  readonly files: {
    readonly columns: readonly ParquetField[];
    /** Paths for the engine, with the keys for `_file_path`. */
    readonly paths: readonly { readonly path: string; readonly key: string }[];
  };
}

/**
 * The rows in the table's columns. `isClean`: nothing in these files is rescued, so that the column is null. `places`: three columns more,
 * the file's path, the row's number in it, and null for its offset.
 */
export function selectFitted(
  options: ParquetSelection & { readonly isClean: boolean; readonly places?: PlaceColumns },
): string {
  const { schema, own, facts, files, fileColumn, isClean } = options;
  const rescuedColumn = own.find(({ filledWith }) => filledWith.kind === "rescued")?.field.name.toLowerCase();
  const fitted = fitAll(options);
  const members = membersOf(fitted, files.columns);
  const rescued =
    isClean || members.length === 0
      ? "CAST(NULL AS VARCHAR)"
      : objectOf(members, `, '"_file_path":' || CAST(to_json(landfall_keys.file_key) AS VARCHAR)`);
  const list = schema.fields.map((field) => {
    const name = field.name.toLowerCase();
    const at = columnOf(options, sourceNameOf(field));
    const ofData = at < 0 ? `CAST(NULL AS ${duckdbType(field.type)})` : fitted[at]!.kept;
    const value = name === rescuedColumn ? rescued : (facts?.values.get(name) ?? ofData);
    return `${value} AS ${quoteName(field.name)}`;
  });
  if (options.places !== undefined)
    list.push(
      placeColumns(
        { source: `landfall_rows.${quoteName(fileColumn)}`, row: rowNumber(files), offset: NO_OFFSET },
        options.places,
      ),
    );
  const read = `FROM ${readFiles(options)} landfall_rows ${facts?.join ?? ""}`;
  if (isClean || members.length === 0) return `SELECT ${list.join(", ")} ${read}`;
  const keys = files.paths.map(({ path, key }) => `(${quoteText(path)}, ${quoteText(key)})`);
  return `SELECT ${list.join(", ")} ${read} JOIN (VALUES ${keys.join(", ")}) landfall_keys(file_path, file_key)
    ON landfall_rows.${quoteName(fileColumn)} = landfall_keys.file_path`;
}

/** The places whose values may not fit, as `selectRescued` counts them: `misfits_0`, `misfits_1`, … */
export function placesOfMisfits(options: ParquetSelection): KeyPath[] {
  return misfitsOf(fitAll(options), options.files.columns).map(({ path }) => path);
}

function misfitsOf(fitted: readonly Fitted[], columns: readonly ParquetField[]): Misfit[] {
  return fitted.flatMap(({ misfits }, i) =>
    misfits.map(({ path, isFound }) => ({ path: [columns[i]!.name, ...path], isFound })),
  );
}

/**
 * `file`, how many of its rows are `rescued`, and, where nothing takes them in or it is asked for, for each place of `placesOfMisfits` how many;
 * undefined where every value fits by its type.
 */
export function selectRescued(options: ParquetSelection): string | undefined {
  const { files, fileColumn, own, tellsPlaces = false } = options;
  const fitted = fitAll(options);
  const members = membersOf(fitted, files.columns);
  if (members.length === 0) return undefined;
  const isRescued = own.some(({ filledWith }) => filledWith.kind === "rescued");
  const each = misfitsOf(fitted, files.columns).map(
    ({ isFound }, i) => `, count(*) FILTER (${isFound}) AS misfits_${i}`,
  );
  return `SELECT ${quoteName(fileColumn)} AS file, count(*) FILTER (coalesce(${members.join(", ")}) IS NOT NULL) AS rescued${isRescued && !tellsPlaces ? "" : each.join("")}
    FROM ${readFiles(options)} landfall_rows GROUP BY ALL`;
}

function fitAll(options: ParquetSelection): Fitted[] {
  const { schema, own, timeZone, files } = options;
  const notFromData = new Set(own.map(({ field }) => field.name.toLowerCase()));
  const targets = new Map(
    schema.fields
      .filter((field) => !notFromData.has(field.name.toLowerCase()))
      .map((field) => [columnOf(options, sourceNameOf(field)), field.type]),
  );
  return files.columns.map((column, i) =>
    fitValue({
      source: column.type,
      target: targets.get(i),
      value: `landfall_rows.${quoteName(column.readAs)}`,
      timeZone,
      ignoresCase: !options.readerCaseSensitive,
    }),
  );
}

/** The place of the files' column that a column of the table takes; -1 for none. */
function columnOf({ files, readerCaseSensitive }: ParquetSelection, name: string): number {
  return placeOf(
    files.columns.map((column) => column.name),
    name,
    !readerCaseSensitive,
  );
}

function membersOf(fitted: readonly Fitted[], columns: readonly ParquetField[]): string[] {
  return fitted.flatMap(({ rescued }, i) =>
    rescued === undefined ? [] : [memberOf(columns[i]!.name, rescued)],
  );
}

/** Files of this shape tell the number of a row only by its order, so that they must be read one by one. */
export function hidesRowNumbers(columns: readonly ParquetField[]): boolean {
  return columns.some((column) => column.readAs.toLowerCase() === ROW_NUMBER);
}

/** What DuckDB calls it, unless a column of the file has that name. */
const ROW_NUMBER = "file_row_number";

function rowNumber({ columns }: ParquetSelection["files"]): string {
  return hidesRowNumbers(columns) ? "row_number() OVER ()" : `landfall_rows.${ROW_NUMBER} + 1`;
}

function readFiles({ files, fileColumn }: ParquetSelection): string {
  const paths = pathsArgument(files.paths.map(({ path }) => path));
  return `read_parquet(${paths}, hive_partitioning = false, filename = ${quoteText(fileColumn)})`;
}
