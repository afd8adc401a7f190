/** DuckDB's values as plain ones and back, by type; exact both ways. */
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import { decimalOf, type DataType } from "../../schema/data-type.ts";
import type { PlainValue } from "./module-messages.ts";

/** The function that reads DuckDB's values of a type. */
export function fromDuckdb(type: DataType): (value: DuckDBValue) => PlainValue {
  const read = readerOfPresent(type);
  return (value) => (value === null ? null : read(value));
}

function readerOfPresent(type: DataType): (value: DuckDBValue) => PlainValue {
  if (typeof type !== "string") return readerOfNested(type);
  if (decimalOf(type) !== undefined) return (value) => (value as DuckDBDecimalValue).value;
  return READERS.get(type) ?? ((value) => value as PlainValue);
}

/** Of the types that both sides hold differently. */
const READERS: ReadonlyMap<string, (value: DuckDBValue) => PlainValue> = new Map<
  string,
  (value: DuckDBValue) => PlainValue
>([
  ["date", (value) => (value as DuckDBDateValue).days],
  ["timestamp", (value) => (value as DuckDBTimestampTZValue).micros],
  ["timestamp_ntz", (value) => (value as DuckDBTimestampValue).micros],
  // A copy, since what it is a part of is used again.
  ["binary", (value) => new Uint8Array((value as DuckDBBlobValue).bytes)],
]);

function readerOfNested(type: Exclude<DataType, string>): (value: DuckDBValue) => PlainValue {
  switch (type.type) {
    case "struct": {
      const fields = type.fields.map(({ name, type }) => ({ name, read: fromDuckdb(type) }));
      return (value) => {
        const { entries } = value as DuckDBStructValue;
        return fields.map(({ name, read }) => read(entries[name]!));
      };
    }
    case "array": {
      const read = fromDuckdb(type.elementType);
      return (value) => (value as DuckDBListValue).items.map(read);
    }
    case "map": {
      const readKey = fromDuckdb(type.keyType);
      const readValue = fromDuckdb(type.valueType);
      return (value) =>
        (value as DuckDBMapValue).entries.map(({ key, value }) => [readKey(key), readValue(value)]);
    }
  }
}

/** The function that makes DuckDB's values of a type out of plain ones. */
export function toDuckdb(type: DataType): (plain: PlainValue) => DuckDBValue {
  const make = makerOfPresent(type);
  return (plain) => (plain === null ? null : make(plain));
}

function makerOfPresent(type: DataType): (plain: PlainValue) => DuckDBValue {
  if (typeof type !== "string") return makerOfNested(type);
  const decimal = decimalOf(type);
  if (decimal !== undefined)
    return (plain) => new DuckDBDecimalValue(plain as bigint, decimal.precision, decimal.scale);
  return MAKERS.get(type) ?? ((plain) => plain as DuckDBValue);
}

const MAKERS: ReadonlyMap<string, (plain: PlainValue) => DuckDBValue> = new Map<
  string,
  (plain: PlainValue) => DuckDBValue
>([
  ["date", (plain) => new DuckDBDateValue(plain as number)],
  ["timestamp", (plain) => new DuckDBTimestampTZValue(plain as bigint)],
  ["timestamp_ntz", (plain) => new DuckDBTimestampValue(plain as bigint)],
  ["binary", (plain) => new DuckDBBlobValue(plain as Uint8Array)],
]);

function makerOfNested(type: Exclude<DataType, string>): (plain: PlainValue) => DuckDBValue {
  switch (type.type) {
    case "struct": {
      const fields = type.fields.map(({ name, type }) => ({ name, make: toDuckdb(type) }));
      return (plain) =>
        new DuckDBStructValue(
          Object.fromEntries(
            fields.map(({ name, make }, i) => [name, make((plain as readonly PlainValue[])[i]!)]),
          ),
        );
    }
    case "array": {
      const make = toDuckdb(type.elementType);
      return (plain) => new DuckDBListValue((plain as readonly PlainValue[]).map(make));
    }
    case "map": {
      const makeKey = toDuckdb(type.keyType);
      const makeValue = toDuckdb(type.valueType);
      return (plain) =>
        new DuckDBMapValue(
          (plain as readonly (readonly [PlainValue, PlainValue])[]).map(([key, value]) => ({
            key: makeKey(key),
            value: makeValue(value),
          })),
        );
    }
  }
}
