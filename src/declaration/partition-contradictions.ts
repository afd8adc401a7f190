/** What a table is partitioned by, against the columns that it will have. */
import { readPartition, type ComputedColumn } from "../schema/computed-column.ts";
import type { DataType, StructType } from "../schema/data-type.ts";
import { typeAt } from "../schema/key-path.ts";
import type { CheckedDeclaration } from "./declaration.ts";
import { corruptColumnsOf } from "./own-column-contradictions.ts";
import type { Mistake } from "./mistakes.ts";

/** Nothing is partitioned by twice; a column must be there where columns are stated, and have plain values. */
export function partitionContradictions(
  declared: Partial<CheckedDeclaration>,
  rescuedDataColumn: string | undefined,
): Mistake[] {
  const { schema, source } = declared;
  const own = [
    ...(source?.partitionColumns ?? []),
    ...(schema?.provenance ?? []).map(({ column }) => column),
  ];
  const corrupt = corruptColumnsOf(declared).map(({ name }) => name);
  const taken = new Set<string>();
  return (declared.table?.partitionBy ?? []).flatMap((text, index): Mistake[] => {
    const reading = readPartition(text);
    if (reading.kind === "fault") return [];
    const name = reading.kind === "computed" ? reading.column.name : reading.name;
    const path = ["table", "partitionBy", index];
    const isRepeated = taken.has(name.toLowerCase());
    taken.add(name.toLowerCase());
    const fault = isRepeated
      ? { message: `table.partitionBy names the column ${name} twice` }
      : reading.kind === "computed"
        ? computedFault(reading.column, schema?.columns, [...own, ...corrupt, rescuedDataColumn])
        : columnFault(name, { columns: schema?.columns, own, corrupt, rescuedDataColumn });
    return fault === undefined ? [] : [{ path, at: "value", ...fault }];
  });
}

type Fault = { readonly message: string; readonly hint?: string } | undefined;

function columnFault(
  name: string,
  known: {
    readonly columns: StructType | undefined;
    readonly own: readonly string[];
    readonly corrupt: readonly string[];
    readonly rescuedDataColumn: string | undefined;
  },
): Fault {
  const { columns, own, corrupt, rescuedDataColumn } = known;
  if (same(name, rescuedDataColumn))
    return { message: `table.partitionBy names ${name}, the column for rescued values` };
  if (corrupt.some((other) => same(name, other)))
    return { message: `table.partitionBy names ${name}, the column for records that cannot be read` };
  if (columns === undefined || own.some((other) => same(name, other))) return undefined;
  const type = typeAt(columns, [name]);
  if (type === undefined) return { message: `table.partitionBy: schema.columns has no column ${name}` };
  // Partition values are text in the log (PROTOCOL.md, Partition Value Serialization); nested values have no such text.
  if (typeof type === "string") return undefined;
  return {
    message: `table.partitionBy: ${name} is nested, and a table can be partitioned by plain values only`,
  };
}

function computedFault(
  column: ComputedColumn,
  columns: StructType | undefined,
  own: readonly (string | undefined)[],
): Fault {
  const { name, of } = column;
  const isTaken =
    own.some((other) => same(name, other)) || (columns && typeAt(columns, [name])) !== undefined;
  if (isTaken)
    return {
      message: `table.partitionBy computes the column ${name}, which is there already`,
      hint: `Give it another name: ${column.function}(${of.join(".")}) AS ${name}_1.`,
    };
  if (columns === undefined) return undefined;
  const type = typeAt(columns, of);
  if (type === undefined)
    return { message: `table.partitionBy: schema.columns has no column ${of.join(".")}` };
  if (isTime(type) || (type === "date" && column.function !== "hour")) return undefined;
  const wanted = column.function === "hour" ? "a time" : "a date or a time";
  return { message: `table.partitionBy: ${column.function} takes ${wanted}, and ${of.join(".")} is none` };
}

function isTime(type: DataType): boolean {
  return type === "timestamp" || type === "timestamp_ntz";
}

function same(one: string, other: string | undefined): boolean {
  return one.toLowerCase() === other?.toLowerCase();
}
