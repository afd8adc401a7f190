/** Columns that a table's schema says are never null (protocol, "Column Invariants": nullable false is a constraint on writers). */
import { LandfallError } from "../base/landfall-error.ts";
import { displayKey } from "../base/path-bytes.ts";
import { formatCount } from "../base/units.ts";
import type { WrittenFile } from "../engine/engine.ts";
import type { DataType, StructType } from "../schema/data-type.ts";

/**
 * Refuses files that hold nulls where the schema allows none, told by the writer's own counts. Partition columns are looked at in
 * the files' partition values.
 *
 * @throws LandfallError TABLE_SCHEMA_CONFLICT naming the column; TABLE_FEATURE_UNSUPPORTED for a container that must not be null, which no
 *   count tells
 */
export function checkNotNull(options: {
  readonly schema: StructType;
  readonly partitionBy: readonly string[];
  readonly files: readonly WrittenFile[];
  /** Keys of the files that the rows come from. */
  readonly sources: readonly string[];
  readonly table: string;
}): void {
  const { schema, partitionBy, files, sources, table } = options;
  for (const path of requiredLeaves(schema, [], table)) {
    const [column] = path;
    const isPartition = path.length === 1 && partitionBy.includes(column!);
    const broken = files.some((file) =>
      isPartition ? file.partition[column!] === null : nullsAt(file, path) !== 0,
    );
    if (broken) {
      throw new LandfallError("TABLE_SCHEMA_CONFLICT", {
        message: `The column ${path.join(".")} of ${table} must not be null, and rows of this batch (${batchText(sources)}) have no value for it.`,
        hint: `Nothing was committed. With the rule expect: { has_${column!.replaceAll(/\W/g, "_")}: ${path.map(ruleName).join(".")} IS NOT NULL } such rows are rejected, and \`landfall files rejected\` tells the file and the record of each; or mend the files, or drop the column's NOT NULL.`,
        table,
      });
    }
  }
}

/** Which row of which file is not known here: the writer's counts are of the rows of all. */
function batchText(sources: readonly string[]): string {
  const [first, ...others] = sources.map(displayKey);
  if (others.length === 0) return first ?? "no file";
  return `${first!} and ${formatCount(others.length)} other ${others.length === 1 ? "file" : "files"}`;
}

function ruleName(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** A file without a count for the column may hold nulls. */
function nullsAt(file: WrittenFile, path: readonly string[]): number {
  const found = file.statistics.find(
    (column) => column.path.length === path.length && column.path.every((segment, i) => segment === path[i]),
  );
  return found?.nullCount ?? 1;
}

function requiredLeaves(type: DataType, path: readonly string[], table: string): (readonly string[])[] {
  if (typeof type === "string") return [];
  if (type.type === "array") {
    if (!type.containsNull) throw unsupported(path, table);
    return requiredLeaves(type.elementType, path, table).length > 0 ? refuse(path, table) : [];
  }
  if (type.type === "map") {
    if (!type.valueContainsNull) throw unsupported(path, table);
    return [];
  }
  return type.fields.flatMap((field) => {
    const here = [...path, field.name];
    if (!field.nullable && typeof field.type !== "string") throw unsupported(here, table);
    return [...(field.nullable ? [] : [here]), ...requiredLeaves(field.type, here, table)];
  });
}

function refuse(path: readonly string[], table: string): never {
  throw unsupported(path, table);
}

function unsupported(path: readonly string[], table: string): LandfallError {
  return new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
    message: `${path.join(".")} of ${table} is declared never null, which Landfall cannot prove for structs, arrays and maps.`,
    hint: "Drop that NOT NULL, or ingest into another table.",
    table,
  });
}
