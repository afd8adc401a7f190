/** Columns that Landfall fills itself, from what it knows of a file, a record and the batch; no key of the data goes into them. */
import { corruptColumnOf } from "../formats/corrupt-column-of.ts";
import { decodePathBytes, displayKey } from "../base/path-bytes.ts";
import { nullableField, type DataType, type StructField, type StructType } from "../schema/data-type.ts";
import { computedColumnsOf, computedField, type ComputedColumn } from "../schema/computed-column.ts";
import { plainDecimalText } from "../schema/decimal-value.ts";
import { columnKind, compileTarget, FITS, numberVerdict } from "../schema/fit.ts";
import { hiveValues } from "../schema/hive-path.ts";
import { PROVENANCE_FIELDS, type ProvenanceField } from "../schema/provenance.ts";
import { sourceNameOf } from "../schema/source-name.ts";
import { classesOf } from "../schema/value-class.ts";
import type { StageFile, StageRequest } from "./engine.ts";
import { csvClass } from "./scan/csv-class.ts";

export interface OwnColumn {
  readonly field: StructField;
  readonly filledWith:
    | { readonly kind: "rescued" }
    /** The text of a record that cannot be read. */
    | { readonly kind: "corrupt" }
    /** The value of a Hive-style folder. */
    | { readonly kind: "path"; readonly key: string }
    | { readonly kind: "file"; readonly of: Exclude<ProvenanceField, "record_number"> }
    | { readonly kind: "record" }
    /** From another column, in this zone. */
    | { readonly kind: "computed"; readonly column: ComputedColumn; readonly timeZone: string };
}

type Wishes = Pick<
  StageRequest,
  | "format"
  | "formats"
  | "partitionColumns"
  | "provenance"
  | "computedColumns"
  | "rescuedDataColumn"
  | "tableSchema"
  | "columns"
  | "hints"
  | "timeZone"
>;

/** In the order in which a new table gets them: behind those of the data. */
export function ownColumns(request: Wishes): OwnColumn[] {
  const { partitionColumns, provenance, rescuedDataColumn } = request;
  const corruptColumn = corruptColumnOf(request.format, request.formats);
  return [
    ...partitionColumns.map((key): OwnColumn => ({
      field: nullableField(key, pathType(request, key)),
      filledWith: { kind: "path", key },
    })),
    ...provenance.map(({ column, field }): OwnColumn => ({
      field: nullableField(column, PROVENANCE_FIELDS[field]),
      filledWith: field === "record_number" ? { kind: "record" } : { kind: "file", of: field },
    })),
    ...computedColumns(request),
    ...(corruptColumn === undefined
      ? []
      : [{ field: nullableField(corruptColumn, "string"), filledWith: { kind: "corrupt" } } as const]),
    ...(rescuedDataColumn === undefined
      ? []
      : [{ field: nullableField(rescuedDataColumn, "string"), filledWith: { kind: "rescued" } } as const]),
  ];
}

/** Those of the table, each by its own rule; of a new table those that are asked for. */
function computedColumns({ tableSchema, computedColumns: wanted, timeZone }: Wishes): OwnColumn[] {
  const found =
    tableSchema === undefined
      ? wanted.map((column) => ({ column, timeZone, field: computedField(column, timeZone) }))
      : computedColumnsOf(tableSchema);
  return found.map(({ column, timeZone: zone, field }) => ({
    field,
    filledWith: { kind: "computed", column, timeZone: zone },
  }));
}

/** The table's type, else the one that a person gave, else STRING. */
function pathType({ tableSchema, columns, hints }: Wishes, key: string): DataType {
  const isKey = (name: string): boolean => name.toLowerCase() === key.toLowerCase();
  const stated =
    tableSchema?.fields.find(({ name }) => isKey(name)) ??
    columns?.fields.find(({ name }) => isKey(name)) ??
    hints.findLast(({ path }) => path.length === 1 && isKey(path[0]!));
  return stated?.type ?? "string";
}

/** The key under which the reader finds what a column is filled with in the lines themselves: its name as the table spells it. */
export function keyInLines(
  kind: "rescued" | "corrupt",
  columns: readonly OwnColumn[],
  schema: StructType,
): string | undefined {
  const own = columns.find(({ filledWith }) => filledWith.kind === kind)?.field.name.toLowerCase();
  const field = schema.fields.find(({ name }) => name.toLowerCase() === own);
  return field && sourceNameOf(field);
}

/** True where rows must tell which file and which record they are. */
export function needsMarks(columns: readonly OwnColumn[]): boolean {
  const known = new Set<OwnColumn["filledWith"]["kind"]>(["path", "file", "record"]);
  return columns.some(({ filledWith: { kind } }) => known.has(kind));
}

/** Why a file cannot be given its path columns: a value that its column does not hold. */
export function pathFault(
  columns: readonly OwnColumn[],
  file: StageFile,
  readerCaseSensitive: boolean,
): string | undefined {
  for (const { field, filledWith } of columns) {
    if (filledWith.kind !== "path") continue;
    const value = valueInPath(filledWith.key, file, readerCaseSensitive);
    if (value === undefined) return `the path's value of ${filledWith.key} is no UTF-8 text`;
    if (value !== null && pathText(field.type, value) === undefined)
      return `the path says ${filledWith.key}=${value}, which the column ${field.name} of its type does not hold`;
  }
  return undefined;
}

/** Null where the path has no such folder; undefined where its value is no text. */
function valueInPath(key: string, file: StageFile, readerCaseSensitive: boolean): string | null | undefined {
  const values = hiveValues(decodePathBytes(file.path));
  if (values.has(key)) return values.get(key);
  if (readerCaseSensitive) return null;
  const other = [...values.keys()].findLast((name) => name.toLowerCase() === key.toLowerCase());
  return other === undefined ? null : values.get(other);
}

const INTEGERS = new Set<DataType>(["byte", "short", "integer", "long"]);

/** A path's value as text that the engine casts to the type without loss; undefined where there is none. `05` is the integer 5. */
function pathText(type: DataType, value: string): string | undefined {
  if (type === "string") return value;
  const text = INTEGERS.has(type) ? value.replace(/^(-?)0+(?=[0-9])/, "$1") : value;
  const bytes = Buffer.from(text, "utf8");
  const [name] = classesOf(csvClass(bytes, 0, bytes.length));
  const { verdict } = FITS[columnKind(type)][name!];
  if (verdict === "fits") return text;
  if (verdict !== "byValue") return undefined;
  const check = compileTarget({ schema: { type: "struct", fields: [nullableField("v", type)] } }).fields.get(
    "v",
  )!.check!;
  if (numberVerdict(text, check) === "rescued") return undefined;
  return check.kind === "decimal" ? plainDecimalText(text) : text;
}

/** What the column holds for every row of a file, as text for a cast; null for null. Only for columns filled by path or file. */
export function factOf(
  column: OwnColumn,
  { file, member }: { readonly file: StageFile; readonly member?: string | undefined },
  request: Pick<StageRequest, "batch" | "readerCaseSensitive">,
): string | null {
  const { field, filledWith } = column;
  if (filledWith.kind === "path") {
    const value = valueInPath(filledWith.key, file, request.readerCaseSensitive) ?? null;
    return value === null ? null : (pathText(field.type, value) ?? null);
  }
  if (filledWith.kind !== "file") return null;
  const path = member === undefined ? file.path : `${file.path}/${member}`;
  switch (filledWith.of) {
    case "file_path":
      return displayKey(path);
    case "file_name":
      return displayKey(path.slice(path.lastIndexOf("/") + 1));
    case "file_size":
      return String(file.size);
    case "file_modification_time":
      return file.modifiedNs === undefined ? null : instantText(BigInt(file.modifiedNs) / 1000n);
    case "ingest_time":
      return request.batch === undefined ? null : instantText(BigInt(request.batch.at) * 1000n);
    case "batch_id":
      return request.batch?.batchId ?? null;
  }
}

/** Microseconds since the epoch as an instant in UTC. */
function instantText(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(fraction).padStart(6, "0")}Z`;
}
