/** What a decided schema must hold before a row is written under it. */
import { LandfallError } from "../base/landfall-error.ts";
import { displayKey } from "../base/path-bytes.ts";
import type { DataType } from "../schema/data-type.ts";
import type { SchemaDecision } from "../schema/decide-schema.ts";
import { keyPathText, type KeyPath } from "../schema/key-path.ts";
import { formatDdl } from "../schema/format-ddl.ts";
import type { KeyInFile } from "./engine.ts";

/** Columns that a message names one by one. */
const NAMED = 10;

/**
 * @throws LandfallError NEW_COLUMNS where the mode admits no new column and there is one; TABLE_SCHEMA_CONFLICT for a table that has
 *   a column of another type where Landfall is to fill one, or would have no column at all; LIMIT_EXCEEDED: a table of very many columns is nearly always keys that should have been values
 */
export function checkSchema(options: {
  readonly decision: SchemaDecision;
  readonly maxColumns: number;
  /** The key of a file that holds the path. */
  readonly fileOf: (path: KeyPath) => string | undefined;
}): void {
  const { decision, maxColumns, fileOf } = options;
  const { refused, schema } = decision;
  if (refused.length > 0) throw newColumns(keysInFiles(refused, fileOf));
  const [conflict] = decision.conflicts;
  if (conflict !== undefined) {
    const { standing, own } = conflict;
    throw new LandfallError("TABLE_SCHEMA_CONFLICT", {
      message: `The table's column ${formatDdl({ type: "struct", fields: [standing] })} cannot be filled by Landfall, which needs ${formatDdl({ type: "struct", fields: [own] })}.`,
      hint: "Give the column another name in the declaration (schema.provenance: [field AS name], schema.rescuedDataColumn, columnNameOfCorruptRecord); nothing was committed.",
    });
  }
  if (schema.fields.length === 0) {
    throw new LandfallError("TABLE_SCHEMA_CONFLICT", {
      message: "The files of the first batch name no column, and a table without columns cannot be made.",
      hint: "Wait for files with rows, or give schema.hints, schema.columns or schema.rescuedDataColumn; nothing was committed.",
    });
  }
  const count = leafCount(schema);
  if (count <= maxColumns) return;
  throw new LandfallError("LIMIT_EXCEEDED", {
    message: `The table would have ${count} columns, nested ones and Landfall's own counted; the limit is ${maxColumns}. The files bring ${namesOf(keysInFiles(decision.added, fileOf))}.`,
    hint: "If keys of the data are values (ids, dates), give schema.columns; else raise limits.maxColumns.",
  });
}

/** Paths as text, each with a file that holds it. */
export function keysInFiles(
  paths: readonly KeyPath[],
  fileOf: (path: KeyPath) => string | undefined,
): KeyInFile[] {
  return paths.map((path) => {
    const file = fileOf(path);
    return { path: keyPathText(path), ...(file === undefined ? {} : { file }) };
  });
}

/** Each with a file that holds it; of many some. */
function namesOf(keys: readonly KeyInFile[]): string {
  const named = keys
    .slice(0, NAMED)
    .map(({ path, file }) => (file === undefined ? path : `${path} (in ${displayKey(file)})`));
  return named.join(", ") + (keys.length > NAMED ? ` and ${keys.length - NAMED} more` : "");
}

function newColumns(keys: readonly KeyInFile[]): LandfallError {
  const what = keys.length === 1 ? "a new column" : `${keys.length} new columns`;
  return new LandfallError("NEW_COLUMNS", {
    message: `The files bring ${what}: ${namesOf(keys)}; schema.evolutionMode is failOnNewColumns.`,
    hint: "Nothing was committed. Name them in schema.hints (or schema.columns), choose another evolutionMode, or take the files out of the source; then run again.",
    ...(keys[0]!.file === undefined ? {} : { file: keys[0]!.file }),
  });
}

/** Columns that hold values, nested ones among them. */
export function leafCount(type: DataType): number {
  if (typeof type === "string") return 1;
  if (type.type === "array") return leafCount(type.elementType);
  if (type.type === "map") return leafCount(type.keyType) + leafCount(type.valueType);
  return type.fields.reduce((total, field) => total + leafCount(field.type), 0);
}
