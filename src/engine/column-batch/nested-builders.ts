/** Columns of lists, maps and structs: their values are columns of their own. */
import duckdb, { type Vector } from "@duckdb/node-bindings";
import { nullableField, type DataType } from "../../schema/data-type.ts";
import type { Column } from "./column-batch.ts";
import type { ColumnBuilder } from "./column-builder.ts";
import { OffsetsBuilder } from "./offsets-builder.ts";
import { ValidityBuilder } from "./validity-builder.ts";

export function listBuilder(name: string, elements: ColumnBuilder): ColumnBuilder {
  const lists = entriesBuilder((vector, from, count) => elements.append(vector, from, count));
  return {
    append: lists.append,
    bytes: () => lists.bytes() + elements.bytes(),
    take() {
      const inner = elements.take();
      const type = { type: "array", elementType: inner.type, containsNull: true } as const;
      return { kind: "array", name, type, ...lists.take(), elements: inner };
    },
  };
}

/** DuckDB keeps a map as a list of structs of a key and a value. */
export function mapBuilder(name: string, keys: ColumnBuilder, values: ColumnBuilder): ColumnBuilder {
  const maps = entriesBuilder((vector, from, count) => {
    keys.append(duckdb.struct_vector_get_child(vector, 0), from, count);
    values.append(duckdb.struct_vector_get_child(vector, 1), from, count);
  });
  return {
    append: maps.append,
    bytes: () => maps.bytes() + keys.bytes() + values.bytes(),
    take() {
      const [key, value] = [keys.take(), values.take()];
      const type: DataType = {
        type: "map",
        keyType: key.type,
        valueType: value.type,
        valueContainsNull: true,
      };
      return { kind: "map", name, type, ...maps.take(), keys: key, values: value };
    },
  };
}

export function structBuilder(name: string, fields: readonly ColumnBuilder[]): ColumnBuilder {
  const validity = new ValidityBuilder();
  let length = 0;
  return {
    append(vector, from, count) {
      validity.append(vector, from, count);
      for (const [i, field] of fields.entries())
        field.append(duckdb.struct_vector_get_child(vector, i), from, count);
      length += count;
    },
    bytes: () => fields.reduce((total, field) => total + field.bytes(), length / 8),
    take() {
      const taken: readonly Column[] = fields.map((field) => field.take());
      const type: DataType = {
        type: "struct",
        fields: taken.map((field) => nullableField(field.name, field.type)),
      };
      const column: Column = { kind: "struct", name, type, length, ...validity.take(), fields: taken };
      length = 0;
      return column;
    },
  };
}

/** What lists and maps have in common: where the entries of each value lie. `appendEntries` takes some of the vector of all entries. */
function entriesBuilder(appendEntries: (vector: Vector, from: number, count: number) => void): {
  append: (vector: Vector, from: number, count: number) => void;
  bytes: () => number;
  take: () => { readonly length: number; readonly offsets: Int32Array; readonly validity?: Uint8Array };
} {
  const validity = new ValidityBuilder();
  const offsets = new OffsetsBuilder();
  return {
    append(vector, from, count) {
      const bits = validity.append(vector, from, count);
      const data = duckdb.vector_get_data(vector, (from + count) * 16);
      // Of each value where its entries begin, and how many they are; both 64 bits, of which the lower 32 are enough.
      const words = new Uint32Array(data.buffer, data.byteOffset, (from + count) * 4);
      const entries = duckdb.list_vector_get_child(vector);
      // Neighbours are taken together: mostly all of them.
      let [start, end] = [0, 0];
      for (let i = from; i < from + count; i++) {
        const isNull = bits !== undefined && (bits[i >> 3]! & (1 << (i & 7))) === 0;
        const length = isNull ? 0 : words[4 * i + 2]!;
        offsets.append(length);
        if (length === 0) continue;
        const begin = words[4 * i]!;
        if (begin !== end) {
          if (end > start) appendEntries(entries, start, end - start);
          start = begin;
        }
        end = begin + length;
      }
      if (end > start) appendEntries(entries, start, end - start);
    },
    bytes: () => offsets.length * 4,
    take() {
      const { length } = offsets;
      return { length, offsets: offsets.take(), ...validity.take() };
    },
  };
}
