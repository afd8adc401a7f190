/** The declaration that `init` writes: valid as it is, each comment true of what was seen. Pure. */
import { stringify } from "yaml";
import { formatBytes, formatCount } from "../../base/units.ts";
import { displayKey } from "../../base/path-bytes.ts";
import { printable } from "../../base/printable.ts";
import type { StructType } from "../../schema/data-type.ts";
import type { FileFormat } from "../../formats/format-options.ts";
import type { StatedOption } from "./reading-options.ts";
import type { SeenMarker } from "./source-kinds.ts";
import { columnText, type Suggestions } from "./suggest.ts";

export interface SeenSchema {
  readonly schema: StructType;
  /** Columns that Landfall fills. */
  readonly ownColumns: readonly string[];
  readonly suggestions: Suggestions;
  /** Records of the sample, and files that they are of. */
  readonly rows: number;
  readonly files: number;
}

export interface DeclarationParts {
  readonly pipeline: string;
  /** As they stand in the declaration. */
  readonly source: string;
  readonly table: string;
  /** Undefined: nothing lies in the source yet. */
  readonly format: FileFormat | undefined;
  readonly files: number;
  readonly bytes: number;
  readonly isPartial: boolean;
  /** Undefined where no file looks like one. */
  readonly marker: SeenMarker | undefined;
  readonly pathGlobFilter: string | undefined;
  /** Files that the declaration leaves out, by format. */
  readonly others: readonly {
    readonly format: FileFormat;
    readonly files: number;
    readonly glob: string | undefined;
  }[];
  readonly options: readonly StatedOption[];
  /** Keys of folders such as `year=2024`. */
  readonly folderKeys: readonly string[];
  /** Undefined: no file could be looked into. */
  readonly seen: SeenSchema | undefined;
}

const MOST_COLUMNS = 200;

export function declarationText(parts: DeclarationParts): string {
  const { pipeline, table } = parts;
  return [
    "# A pipeline of Landfall: files that land here become rows of a Delta table, exactly once.",
    "# Every option: `landfall schema`, docs/reference/declaration.md. What is left out has its default.",
    "",
    `pipeline: ${scalar(pipeline)}`,
    "",
    ...sourceLines(parts),
    ...formatLines(parts),
    "",
    ...schemaLines(parts),
    "",
    "table:",
    `  location: ${scalar(table)} # made by the first run; relative to this file`,
    ...partitionLines(parts),
    "",
    "trigger: availableNow # read what is there and end; or { every: 30s }, or continuous",
    "",
  ].join("\n");
}

function sourceLines(parts: DeclarationParts): string[] {
  const { format, pathGlobFilter, others, folderKeys } = parts;
  const count = `${formatCount(parts.files)}${parts.isPartial ? " and more" : ""} ${parts.files === 1 ? "file" : "files"}, ${formatBytes(parts.bytes)}`;
  return [
    "source:",
    `  location: ${scalar(parts.source)} # relative to this file`,
    format === undefined
      ? "  # format: json # nothing lies there yet; left out, the names of the files tell it"
      : `  format: ${format} # ${count}`,
    ...(pathGlobFilter === undefined
      ? []
      : [`  pathGlobFilter: ${scalar(pathGlobFilter)} # only these; the rest is not read`]),
    ...others.map(
      (other) =>
        `  # left out: ${formatCount(other.files)} ${other.files === 1 ? "file" : "files"} of format ${other.format}${other.glob === undefined ? "" : ` (${comment(scalar(other.glob))})`}; they need a declaration of their own`,
    ),
    ...markerLines(parts.marker),
    ...(folderKeys.length === 0
      ? []
      : [`  # partitionColumns: ${flow(folderKeys)} # makes columns of the folders' names (key=value)`]),
  ];
}

function markerLines(marker: SeenMarker | undefined): string[] {
  if (marker === undefined) return [];
  const of = comment(printable(displayKey(marker.of)));
  return marker.kind === "suffix"
    ? [`  # marker: { suffix: ${marker.suffix} } # takes a file once its marker is there, as ${of} has one`]
    : [
        `  # marker: { file: ${marker.name} } # takes a folder's files together once it is there, as ${of} is`,
      ];
}

function formatLines({ format, options }: DeclarationParts): string[] {
  if (format === undefined || options.length === 0) return [];
  return [
    `${format}:`,
    ...options.map(({ key, value, why }) => `  ${key}: ${scalar(value)} # ${comment(why)}`),
  ];
}

function schemaLines({ seen }: DeclarationParts): string[] {
  if (seen === undefined) return ["# schema: columns and their types come from the files"];
  const { schema, ownColumns, suggestions, rows, files } = seen;
  const { hints, remarks } = suggestions;
  const columns = schema.fields.filter(({ name }) => !ownColumns.includes(name));
  const shown = columns.slice(0, MOST_COLUMNS);
  const records = `${formatCount(rows)} ${rows === 1 ? "record" : "records"} of ${formatCount(files)} ${files === 1 ? "file" : "files"}`;
  return [
    `# Columns come from the files, and new ones are added as they appear. Seen in ${records}:`,
    ...shown.map((field) => {
      const remark = remarks.get(field.name);
      return `#   ${comment(columnText(field))}${remark === undefined ? "" : `  (${remark})`}`;
    }),
    ...(columns.length > shown.length
      ? [`#   … and ${formatCount(columns.length - shown.length)} more`]
      : []),
    ...(hints.length === 0
      ? []
      : [
          "# Types that you may want instead, where the first run is still to come:",
          ...hints.map(({ column, type, why }) => `#   ${comment(`${column} ${type}: ${why}`)}`),
          "# schema:",
          `#   hints: ${comment(scalar(hints.map(({ column, type }) => `${ddlName(column)} ${type}`).join(", ")))}`,
        ]),
  ];
}

function partitionLines({ seen }: DeclarationParts): string[] {
  const suggested = seen?.suggestions.partitionBy;
  if (suggested === undefined) return [];
  return [`  # partitionBy: ${flow([suggested])} # worth it from some gigabytes on; cannot be changed later`];
}

function ddlName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name.replaceAll("`", "``")}\``;
}

/** A value on one line, quoted where YAML needs it. */
function scalar(value: string | boolean): string {
  const hasControls = typeof value === "string" && /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value);
  return stringify(value, {
    lineWidth: 0,
    ...(hasControls ? { defaultStringType: "QUOTE_DOUBLE" as const } : {}),
  }).trimEnd();
}

/** A list on one line. */
function flow(values: readonly string[]): string {
  return comment(
    stringify([...values], { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: false }).trimEnd(),
  );
}

/** Nothing in it ends a line. */
function comment(text: string): string {
  return printable(text).replaceAll("\t", " ");
}
