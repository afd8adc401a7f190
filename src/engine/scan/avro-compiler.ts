/** From an Avro type to the column of its values and what reads them as JSON text. avsc's own numbers are doubles, and its counts are believed. */
import avro from "avsc";
import type { LandfallError } from "../../base/landfall-error.ts";
import { nullableField, type DataType, type StructField } from "../../schema/data-type.ts";
import type { AvroCursor } from "./avro-cursor.ts";
import { avroDamage } from "./avro-damage.ts";
import { isRecord, isUnion, Noted } from "./avro-schema.ts";
import {
  bytesText,
  dateText,
  decimalText,
  doubleText,
  longText,
  timestampText,
  timeText,
} from "./avro-values.ts";

/** A value's type, the fewest bytes that it takes, and what reads it as JSON text. */
export interface ValueReader {
  /** Undefined for null, which no column is made for. */
  readonly type: DataType | undefined;
  readonly least: number;
  readonly read: (cursor: AvroCursor) => string;
}

export interface SchemaLimits {
  readonly maxColumns: number;
  readonly maxDepth: number;
}

const PLAIN: Readonly<Record<string, ValueReader>> = {
  null: { type: undefined, least: 0, read: () => "null" },
  boolean: { type: "boolean", least: 1, read: booleanText },
  int: { type: "integer", least: 1, read: (cursor) => String(cursor.int()) },
  long: { type: "long", least: 1, read: longText },
  float: { type: "float", least: 4, read: (cursor) => doubleText(cursor.buf.readFloatLE(cursor.skip(4))) },
  double: { type: "double", least: 8, read: (cursor) => doubleText(cursor.buf.readDoubleLE(cursor.skip(8))) },
  string: { type: "string", least: 1, read: (cursor) => JSON.stringify(cursor.string()) },
  bytes: {
    type: "binary",
    least: 1,
    read: (cursor) => {
      const from = cursor.skip(cursor.count(1));
      return bytesText(cursor.buf, from, cursor.at);
    },
  },
};

const LOGICAL: Readonly<Record<string, ValueReader>> = {
  date: { type: "date", least: 1, read: (cursor) => dateText(cursor.int()) },
  "time-millis": { type: "string", least: 1, read: (cursor) => timeText(micros(cursor.int())) },
  "time-micros": { type: "string", least: 1, read: (cursor) => timeText(cursor.long()) },
  "timestamp-millis": {
    type: "timestamp",
    least: 1,
    read: (cursor) => timestampText(micros(cursor.long()), "Z"),
  },
  "timestamp-micros": { type: "timestamp", least: 1, read: (cursor) => timestampText(cursor.long(), "Z") },
  "local-timestamp-millis": {
    type: "timestamp_ntz",
    least: 1,
    read: (cursor) => timestampText(micros(cursor.long()), ""),
  },
  "local-timestamp-micros": {
    type: "timestamp_ntz",
    least: 1,
    read: (cursor) => timestampText(cursor.long(), ""),
  },
};

function micros(millis: number | bigint): number | bigint {
  const value = typeof millis === "number" ? millis * 1000 : 0;
  return Number.isSafeInteger(value) && typeof millis === "number" ? value : BigInt(millis) * 1000n;
}

function booleanText(cursor: AvroCursor): string {
  const byte = cursor.buf[cursor.skip(1)]!;
  if (byte > 1) throw avroDamage("a boolean is neither 0 nor 1");
  return byte === 1 ? "true" : "false";
}

/** From types to what reads their values, and the columns that these become. */
export class AvroCompiler {
  readonly #limits: SchemaLimits;
  #columns = 0;
  /** Records that are being compiled: one that holds itself is no column. */
  readonly #within = new Set<avro.Type>();

  constructor(limits: SchemaLimits) {
    this.#limits = limits;
  }

  record(type: avro.types.RecordType, path: readonly string[]): ValueReader {
    if (this.#within.has(type)) throw untaken(path, `the record ${String(type.name)}, which holds itself`);
    this.#within.add(type);
    const names = new Set<string>();
    const fields: StructField[] = [];
    const readers: { readonly key: string | undefined; readonly read: ValueReader["read"] }[] = [];
    let least = 0;
    for (const field of type.fields) {
      const here = [...path, field.name];
      if (names.size === names.add(field.name.toLowerCase()).size)
        throw untaken(here, "a field whose name differs from another's by case only");
      const reader = this.value(field.type, here);
      least += reader.least;
      const { read } = reader;
      // A field that can only be null says nothing, but its branch may take a byte.
      if (reader.type === undefined) {
        readers.push({ key: undefined, read });
        continue;
      }
      readers.push({ key: `${fields.length === 0 ? "" : ","}${JSON.stringify(field.name)}:`, read });
      fields.push(nullableField(field.name, reader.type));
    }
    this.#within.delete(type);
    if (fields.length === 0 && path.length > 0) throw untaken(path, "a record without fields");
    return {
      type: { type: "struct", fields },
      least,
      read: (cursor) => {
        let text = "{";
        for (const { key, read } of readers) {
          const value = read(cursor);
          if (key !== undefined) text += key + value;
        }
        return `${text}}`;
      },
    };
  }

  value(type: avro.Type, path: readonly string[]): ValueReader {
    this.#columns += 1;
    if (this.#columns > this.#limits.maxColumns)
      throw avroDamage("its schema has more columns, nested ones counted, than maxColumns");
    if (path.length > this.#limits.maxDepth) throw avroDamage("its schema is nested deeper than maxDepth");
    if (type instanceof Noted) return this.#logical(type, path);
    const plain = PLAIN[type.typeName];
    if (plain !== undefined) return plain;
    if (isRecord(type)) return this.record(type, path);
    if (type instanceof avro.types.EnumType) return enumReader(type);
    if (type instanceof avro.types.FixedType) return fixedReader(type, path);
    if (type instanceof avro.types.ArrayType) return this.#array(type, path);
    if (type instanceof avro.types.MapType) return this.#map(type, path);
    if (isUnion(type)) return this.#union(type.types, path);
    throw untaken(path, `of the type ${type.typeName}`);
  }

  #logical(type: Noted, path: readonly string[]): ValueReader {
    const known = LOGICAL[type.logicalName];
    if (known !== undefined) return known;
    const { precision, scale, underlyingType } = type;
    if (precision > 38) throw untaken(path, "a decimal of more than 38 digits");
    const size = underlyingType instanceof avro.types.FixedType ? underlyingType.size : undefined;
    return {
      type: `decimal(${precision},${scale})`,
      least: size ?? 1,
      read: (cursor) => {
        const from = cursor.skip(size ?? cursor.count(1));
        return decimalText(cursor.buf.subarray(from, cursor.at), { precision, scale });
      },
    };
  }

  #array(type: avro.types.ArrayType, path: readonly string[]): ValueReader {
    const here = [...path, "element"];
    return arrayReader(this.value(type.itemsType, here), here);
  }

  #map(type: avro.types.MapType, path: readonly string[]): ValueReader {
    const here = [...path, "value"];
    return mapReader(this.value(type.valuesType as avro.Type, here), here);
  }

  /** Of several types besides null, as in Spark: int and long are long, float and double double, others a struct of members. */
  #union(types: readonly avro.Type[], path: readonly string[]): ValueReader {
    const readers = types.map((type) => this.value(type, path));
    const branches = readers.filter(({ type }) => type !== undefined);
    const read = readers.map((reader) => reader.read);
    if (branches.length === 0) return { type: undefined, least: 1, read: (cursor) => branchOf(cursor, read) };
    const one = oneTypeOf(branches.map(({ type }) => type!));
    if (one !== undefined) return { type: one, least: 1, read: (cursor) => branchOf(cursor, read) };
    const fields = branches.map(({ type }, i) => nullableField(`member${i}`, type!));
    const members = readers.map((reader): ValueReader["read"] => {
      const index = branches.indexOf(reader);
      return index === -1 ? reader.read : (cursor) => `{"member${index}":${reader.read(cursor)}}`;
    });
    return { type: { type: "struct", fields }, least: 1, read: (cursor) => branchOf(cursor, members) };
  }
}

/** `item` reads the items, which stand at `path`. */
export function arrayReader(item: ValueReader, path: readonly string[]): ValueReader {
  const { type: elementType, least, read } = itemReader(item, path);
  return {
    type: { type: "array", elementType, containsNull: true },
    least: 1,
    read: (cursor) => {
      const items: string[] = [];
      for (let count = cursor.items(least); count > 0; count = cursor.items(least))
        for (; count > 0; count--) items.push(read(cursor));
      return `[${items.join(",")}]`;
    },
  };
}

/** `item` reads the values, which stand at `path`. */
export function mapReader(item: ValueReader, path: readonly string[]): ValueReader {
  const { type: valueType, least, read } = itemReader(item, path);
  return {
    type: { type: "map", keyType: "string", valueType, valueContainsNull: true },
    least: 1,
    read: (cursor) => {
      const entries = new Map<string, string>();
      for (let count = cursor.items(least + 1); count > 0; count = cursor.items(least + 1)) {
        for (; count > 0; count--) {
          const key = JSON.stringify(cursor.string());
          if (entries.has(key))
            throw avroDamage(`the map ${path.slice(0, -1).join(".")} holds the key ${key} twice`);
          entries.set(key, read(cursor));
        }
      }
      return `{${[...entries].map(([key, value]) => `${key}:${value}`).join(",")}}`;
    },
  };
}

/** Of an array or map: it must have a type, and take a byte so that a count can be checked. */
function itemReader(reader: ValueReader, path: readonly string[]): ValueReader & { readonly type: DataType } {
  if (reader.type === undefined) throw untaken(path, "always null");
  if (reader.least === 0) throw untaken(path, "of no bytes");
  return { ...reader, type: reader.type };
}

/** Reads which branch it is, and that. */
export function branchOf(cursor: AvroCursor, branches: readonly ValueReader["read"][]): string {
  const branch = branches[cursor.int()];
  if (branch === undefined) throw avroDamage("a union names a branch that it does not have");
  return branch(cursor);
}

/** The type that holds the branches of a union; undefined where it takes a struct of members. */
export function oneTypeOf(types: readonly DataType[]): DataType | undefined {
  if (types.length === 1) return types[0];
  if (types.every((type) => type === "integer" || type === "long")) return "long";
  return types.every((type) => type === "float" || type === "double") ? "double" : undefined;
}

function enumReader(type: avro.types.EnumType): ValueReader {
  const symbols = type.symbols.map((symbol) => JSON.stringify(symbol));
  return {
    type: "string",
    least: 1,
    read: (cursor) => {
      const symbol = symbols[cursor.int()];
      if (symbol === undefined) throw avroDamage("an enum names a symbol that it does not have");
      return symbol;
    },
  };
}

function fixedReader({ size }: avro.types.FixedType, path: readonly string[]): ValueReader {
  if (size === 0) throw untaken(path, "fixed of no bytes");
  return {
    type: "binary",
    least: size,
    read: (cursor) => {
      const from = cursor.skip(size);
      return bytesText(cursor.buf, from, cursor.at);
    },
  };
}

export function untaken(path: readonly string[], what: string): LandfallError {
  return avroDamage(`the field ${path.join(".")} is ${what}, which is not read`);
}
