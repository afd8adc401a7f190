/** Columns that get a wider type with a batch: whether there may be any, which keep theirs, and how they are told. */
import type { StructType } from "../schema/data-type.ts";
import { widensTypes } from "../schema/evolution-mode.ts";
import { formatDdlType } from "../schema/format-ddl.ts";
import { keyPathText, type KeyPath } from "../schema/key-path.ts";
import type { ColumnWidening } from "../schema/widen-columns.ts";
import type { StageRequest, WidenedColumn } from "./engine.ts";
import type { OwnColumn } from "./own-columns.ts";

/** The table whose columns may be widened; undefined where none may. */
export function widenableTable({
  evolutionMode,
  columns,
  tableSchema,
}: StageRequest): StructType | undefined {
  return widensTypes(evolutionMode) && columns === undefined ? tableSchema : undefined;
}

/** Columns that keep their types: partition columns, whose values stand in the log as text, and what columns are computed from. */
export function fixedColumns(
  { partitionBy }: Pick<StageRequest, "partitionBy">,
  own: readonly OwnColumn[],
): readonly (readonly string[])[] {
  return [
    ...partitionBy.map((name) => [name]),
    ...own.flatMap(({ field, filledWith }) => [
      [field.name],
      ...(filledWith.kind === "computed" ? [filledWith.column.of] : []),
    ]),
  ];
}

/** In words, each with a file that brought such a value. */
export function tellWidened(
  widenings: readonly ColumnWidening[],
  fileOf: (key: KeyPath) => string | undefined,
): readonly WidenedColumn[] {
  return widenings.map(({ path, key, from, to }) => {
    const file = fileOf(key);
    const types = { from: formatDdlType(from), to: formatDdlType(to) };
    return { path: keyPathText(path), ...types, ...(file === undefined ? {} : { file }) };
  });
}
