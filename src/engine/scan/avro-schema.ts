/** Avro schemas, read by avsc: names, namespaces, aliases, logical types. */
import avro from "avsc";
import { LandfallError, messageOf } from "../../base/landfall-error.ts";
import { avroDamage } from "./avro-damage.ts";

/** A logical type with its parameters; avsc leaves it out where its constructor throws, as Avro asks for. */
export class Noted extends avro.types.LogicalType {
  readonly logicalName: string;
  readonly precision: number;
  readonly scale: number;

  constructor(schema: avro.Schema, options?: unknown) {
    super(schema, options);
    const { logicalType, precision = 0, scale = 0 } = schema as unknown as Record<string, number>;
    this.logicalName = String(logicalType);
    this.precision = precision;
    this.scale = scale;
    if (this.logicalName === "decimal" && !isDecimal(this)) throw new Error("no decimal");
    if (!TAKES[this.logicalName]!.includes(this.underlyingType.typeName)) throw new Error("not of this type");
  }

  // Values here are as they are encoded: avsc asks for them of the defaults of fields.
  protected override _fromValue(value: unknown): unknown {
    return value;
  }

  protected override _toValue(value: unknown): unknown {
    return value;
  }
}

function isDecimal({ precision, scale }: { readonly precision: number; readonly scale: number }): boolean {
  return (
    Number.isInteger(precision) && Number.isInteger(scale) && scale >= 0 && precision >= Math.max(1, scale)
  );
}

/** Logical types that are more than their underlying type, and the types that they may lie on. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  decimal: ["bytes", "fixed"],
  date: ["int"],
  "time-millis": ["int"],
  "time-micros": ["long"],
  "timestamp-millis": ["long"],
  "timestamp-micros": ["long"],
  "local-timestamp-millis": ["long"],
  "local-timestamp-micros": ["long"],
};

/** A file's schema. @throws LandfallError FILE_DAMAGED */
export function fileSchema(json: string): avro.Type {
  try {
    // Defaults are for readers of other schemas; many files have some that do not fit their field.
    return parse(json, (key, value) => (key === "default" ? undefined : value));
  } catch (error) {
    throw avroDamage(`its schema cannot be read: ${messageOf(error)}`, error);
  }
}

/** A reader's schema, `avro.avroSchema`. @throws LandfallError SCHEMA_INVALID */
export function readerSchema(json: string): avro.types.RecordType {
  try {
    const type = parse(json);
    if (!isRecord(type)) throw new Error(`it is no record but of the type ${type.typeName}`);
    if (type.fields.length === 0) throw new Error("its record has no fields");
    return type;
  } catch (error) {
    throw new LandfallError("SCHEMA_INVALID", {
      message: `avro.avroSchema is no schema that can be read: ${messageOf(error)}`,
      hint: "Give a record's schema as Avro's specification has it; defaults must fit their fields, those of unions the first branch.",
      cause: error,
    });
  }
}

function parse(json: string, reviver?: (key: string, value: unknown) => unknown): avro.Type {
  const schema = JSON.parse(json, reviver) as avro.Schema;
  const logicalTypes = Object.fromEntries(Object.keys(TAKES).map((name) => [name, Noted]));
  return avro.Type.forSchema(schema, { wrapUnions: true, logicalTypes });
}

export function isRecord(type: avro.Type): type is avro.types.RecordType {
  return type.typeName === "record" || type.typeName === "error";
}

export function isUnion(
  type: avro.Type,
): type is avro.types.WrappedUnionType | avro.types.UnwrappedUnionType {
  return type instanceof avro.types.WrappedUnionType || type instanceof avro.types.UnwrappedUnionType;
}
