/** Rows of column batches with canonical values, spelled as tools/judges/canonical.py spells them. */
import type { ColumnValue } from "../../src/engine/column-batch/value-at.ts";
import type { Column } from "../../src/engine/column-batch/column-batch.ts";
import type { DataType } from "../../src/schema/data-type.ts";
import type { RecordBatch } from "../../src/table/record-batch.ts";
import { sortRows, type CanonicalRow } from "./canonical-rows.ts";

const DATE_LENGTH = "2026-01-01".length;

/** Sorted. */
export async function canonicalRowsIn(batches: AsyncIterable<RecordBatch>): Promise<CanonicalRow[]> {
  const rows: CanonicalRow[] = [];
  for await (const batch of batches) {
    const inOrder: readonly Column[] = Object.values(batch.columns);
    for (const row of batch.rows())
      rows.push(
        Object.fromEntries(inOrder.map(({ name, type }) => [name, canonicalOf(row[name] ?? null, type)])),
      );
  }
  return sortRows(rows);
}

function canonicalOf(value: ColumnValue, type: DataType): unknown {
  if (value === null) return null;
  if (typeof type !== "string") return nestedOf(value, type);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (type.startsWith("decimal")) return decimalText(value as string);
  if (type === "date") return isoOf(BigInt(value as number) * 86_400_000_000n).slice(0, DATE_LENGTH);
  if (type === "timestamp") return `${isoOf(value as bigint)}Z`;
  if (type === "timestamp_ntz") return isoOf(value as bigint);
  if (type === "float" || type === "double") return Number.isFinite(value) ? value : `${value as number}`;
  // Equal documents, however spaced.
  if (type === "variant") return JSON.stringify(JSON.parse(value as string));
  return type === "boolean" || type === "string" ? value : `${value as number | bigint}`;
}

function nestedOf(value: ColumnValue, type: Exclude<DataType, string>): unknown {
  if (type.type === "array")
    return (value as readonly ColumnValue[]).map((element) => canonicalOf(element, type.elementType));
  if (type.type === "map") {
    return [...(value as ReadonlyMap<ColumnValue, ColumnValue>)]
      .map(([key, item]) => [canonicalOf(key, type.keyType), canonicalOf(item, type.valueType)])
      .map((pair) => ({ pair, key: JSON.stringify(pair) }))
      .sort((one, other) => (one.key < other.key ? -1 : 1))
      .map(({ pair }) => pair);
  }
  const fields = value as { readonly [field: string]: ColumnValue };
  return Object.fromEntries(
    type.fields.map((field) => [field.name, canonicalOf(fields[field.name] ?? null, field.type)]),
  );
}

function decimalText(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** Years of four digits, as the tables of judges have them. */
function isoOf(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(fraction).padStart(6, "0")}`;
}
