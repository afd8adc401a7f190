/** Columns of values of one width: DuckDB's vectors hold them as they are given. */
import duckdb, { type Vector } from "@duckdb/node-bindings";
import type { PrimitiveType } from "../../schema/data-type.ts";
import type { Column, DecimalColumn } from "./column-batch.ts";
import type { ColumnBuilder } from "./column-builder.ts";
import { ValidityBuilder } from "./validity-builder.ts";

type Numbers =
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>;

interface ArrayOf {
  new (length: number): Numbers;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Numbers;
  readonly BYTES_PER_ELEMENT: number;
}

export interface FixedShape {
  readonly kind: "number" | "long" | "boolean" | "decimal";
  readonly type: PrimitiveType;
  /** As values are given. */
  readonly array: ArrayOf;
  /** As the vectors hold them. Default: the same. */
  readonly stored?: ArrayOf;
  readonly scale?: number;
  /** Of decimals; with 128 a value is two elements. */
  readonly bits?: DecimalColumn["bits"];
}

const FIRST_ROOM = 2048;

export function fixedBuilder(name: string, shape: FixedShape): ColumnBuilder {
  const { kind, type, array, stored = array } = shape;
  const elements = shape.bits === 128 ? 2 : 1;
  const validity = new ValidityBuilder();
  let values = new array(0);
  let used = 0;
  const append = (vector: Vector, from: number, count: number): void => {
    validity.append(vector, from, count);
    const first = from * elements;
    const more = count * elements;
    if (used + more > values.length) {
      const grown = new array(Math.max(used + more, 2 * values.length, FIRST_ROOM));
      copyInto(grown, values, 0);
      values = grown;
    }
    const data = duckdb.vector_get_data(vector, (first + more) * stored.BYTES_PER_ELEMENT);
    const offset = data.byteOffset + first * stored.BYTES_PER_ELEMENT;
    copyInto(values, new stored(data.buffer, offset, more), used);
    used += more;
  };
  return {
    append,
    bytes: () => used * array.BYTES_PER_ELEMENT,
    take() {
      // A view into a larger buffer would be cloned with all of it.
      const taken = values.length === used ? values : values.slice(0, used);
      const column = { name, type, length: used / elements, ...validity.take() };
      values = new array(0);
      used = 0;
      const decimal = kind === "decimal" ? { scale: shape.scale!, bits: shape.bits! } : {};
      // The shapes pair kinds and arrays as the columns do.
      return { kind, ...column, ...decimal, values: taken } as Column;
    },
  };
}

/** Both hold bigints or neither does. */
function copyInto(target: Numbers, source: Numbers, at: number): void {
  (target as Int32Array).set(source as Int32Array, at);
}
