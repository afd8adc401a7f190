/** From a file's Avro schema, and a reader's where one is stated, to the columns of its rows and what reads a row as a line of JSON. */
import { isLandfallError, LandfallError } from "../../base/landfall-error.ts";
import type { StructType } from "../../schema/data-type.ts";
import { AvroCompiler, type SchemaLimits } from "./avro-compiler.ts";
import type { AvroCursor } from "./avro-cursor.ts";
import { avroDamage } from "./avro-damage.ts";
import { AvroResolver } from "./avro-resolver.ts";
import { fileSchema, isRecord, readerSchema } from "./avro-schema.ts";

export interface AvroReader {
  readonly columns: StructType;
  /** Bytes of a row, at least. */
  readonly least: number;
  /** A row as JSON text. @throws LandfallError FILE_DAMAGED */
  readonly read: (cursor: AvroCursor) => string;
}

/**
 * `asked` is the JSON of a reader's schema: the rows are then of its fields, by Avro's rules of resolution.
 *
 * @throws LandfallError FILE_DAMAGED for a schema that is none, holds what is not taken, or does not resolve, by name; SCHEMA_INVALID for
 *   a reader's schema that is none
 */
export function avroReader(
  options: SchemaLimits & { readonly schema: string; readonly asked?: string | undefined },
): AvroReader {
  const { asked } = options;
  const type = fileSchema(options.schema);
  if (!isRecord(type)) throw avroDamage(`its rows are no records but of the type ${type.typeName}`);
  const {
    type: columns,
    least,
    read,
  } = asked === undefined
    ? new AvroCompiler(options).record(type, [])
    : new AvroResolver(options).record(type, readerSchema(asked), []);
  if (columns === undefined || (asked === undefined && least === 0))
    throw avroDamage("its records have no fields");
  return { columns: columns as StructType, least, read };
}

/** The columns that a reader's schema asks for. @throws LandfallError SCHEMA_INVALID */
export function askedColumns(options: SchemaLimits & { readonly asked: string }): StructType {
  try {
    return new AvroCompiler(options).record(readerSchema(options.asked), []).type as StructType;
  } catch (error) {
    if (!isLandfallError(error, "FILE_DAMAGED")) throw error;
    throw new LandfallError("SCHEMA_INVALID", {
      message: `avro.avroSchema cannot be taken: ${error.message.replace(/^Avro: /, "")}`,
      hint: "Leave the field out, or give it another type.",
      cause: error,
    });
  }
}
