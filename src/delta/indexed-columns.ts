/** Which leaf columns have statistics: the first 32, or as many or such as the table's properties say. */
import type { DataType, StructType } from "../schema/data-type.ts";
import { physicalNameOf, type ColumnMapping } from "../schema/physical-column.ts";

export interface LeafColumn {
  readonly path: readonly string[];
  /** The same by the names that files and statistics use. */
  readonly physicalPath: readonly string[];
  /** A primitive; array and map are leaves too and count, but have no statistics. */
  readonly type: DataType;
}

export interface IndexedColumnsOptions {
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly columnMapping?: ColumnMapping | undefined;
}

const DEFAULT_COUNT = 32;

/** In the order of the schema, without partition columns, arrays and maps. */
export function indexedColumns(options: IndexedColumnsOptions): LeafColumn[] {
  const { schema, partitionColumns, configuration, columnMapping = "none" } = options;
  const leaves = leavesOf(schema, columnMapping, { path: [], physicalPath: [] }).filter(
    (leaf) => !partitionColumns.includes(leaf.path[0]!),
  );
  const named = configuration["delta.dataSkippingStatsColumns"];
  const chosen =
    named === undefined
      ? leaves.slice(0, countOf(configuration["delta.dataSkippingNumIndexedCols"], leaves.length))
      : leaves.filter((leaf) => columnNames(named).some((name) => startsWithPath(leaf.path, name)));
  return chosen.filter((leaf) => typeof leaf.type === "string");
}

/** Paths of a list such as ``a, b.c, `x.y`.z``; a struct's name stands for all its leaves. */
function columnNames(list: string): string[][] {
  const names: string[][] = [[]];
  for (const match of list.matchAll(/`((?:[^`]|``)*)`|([^`.,]+)|([.,])/g)) {
    if (match[3] === ",") names.push([]);
    const segment = match[1]?.replaceAll("``", "`") ?? match[2]?.trim();
    if (segment !== undefined && segment !== "") names.at(-1)!.push(segment);
  }
  return names.filter((name) => name.length > 0);
}

function startsWithPath(path: readonly string[], start: readonly string[]): boolean {
  // Spark resolves column names without regard to case.
  return start.every((segment, index) => path[index]?.toLowerCase() === segment.toLowerCase());
}

function countOf(property: string | undefined, all: number): number {
  const count = property === undefined ? DEFAULT_COUNT : Number(property);
  if (count === -1) return all;
  return Number.isSafeInteger(count) && count >= 0 ? count : DEFAULT_COUNT;
}

function leavesOf(
  struct: StructType,
  mapping: ColumnMapping,
  at: Pick<LeafColumn, "path" | "physicalPath">,
): LeafColumn[] {
  return struct.fields.flatMap((field): LeafColumn[] => {
    const here = {
      path: [...at.path, field.name],
      physicalPath: [...at.physicalPath, physicalNameOf(field, mapping)],
    };
    const { type } = field;
    return typeof type !== "string" && type.type === "struct"
      ? leavesOf(type, mapping, here)
      : [{ ...here, type }];
  });
}
