/** The schema between `metaData.schemaString` and our types (PROTOCOL.md, "Schema Serialization Format"). */
import { LandfallError } from "../base/landfall-error.ts";
import { isJsonObject, parseJson, stringifyJson, type JsonValue } from "../base/lossless-json.ts";
import { decimalOf, type DataType, type StructField, type StructType } from "../schema/data-type.ts";

const PRIMITIVES = new Set<string>([
  "string",
  "long",
  "integer",
  "short",
  "byte",
  "float",
  "double",
  "boolean",
  "binary",
  "date",
  "timestamp",
  "timestamp_ntz",
  "variant",
  "void",
]);

/** Nesting beyond this is taken as an attack on the stack. */
const MAX_DEPTH = 500;

/**
 * Reads a schema, with the metadata of its fields kept in order.
 *
 * @throws LandfallError TABLE_LOG_CORRUPT when the text is no schema, TABLE_FEATURE_UNSUPPORTED when it has a type that we do not
 * know (geometry, intervals, …), naming type and column
 */
export function parseSchemaString(schemaString: string): StructType {
  let json: JsonValue;
  try {
    json = parseJson(schemaString);
  } catch (cause) {
    throw damaged("it is not JSON", cause);
  }
  const type = dataType(json, []);
  if (typeof type === "string" || type.type !== "struct") throw damaged("its top is no struct");
  return type;
}

/** The opposite of `parseSchemaString`. */
export function serializeSchema(schema: StructType): string {
  return stringifyJson(schema);
}

function dataType(json: JsonValue | undefined, path: readonly string[]): DataType {
  if (path.length > MAX_DEPTH) throw damaged(`it is nested deeper than ${MAX_DEPTH} levels`);
  if (typeof json === "string") return primitive(json, path);
  if (!isJsonObject(json)) throw damaged(`the type of ${place(path)} is missing`);
  const kind = json["type"];
  switch (typeof kind === "string" ? kind : "") {
    case "struct": {
      const fields = json["fields"];
      if (!Array.isArray(fields)) throw damaged(`the struct ${place(path)} has no fields`);
      return { type: "struct", fields: fields.map((field: JsonValue) => structField(field, path)) };
    }
    case "array":
      return {
        type: "array",
        elementType: dataType(json["elementType"], [...path, "element"]),
        containsNull: json["containsNull"] !== false,
      };
    case "map":
      return {
        type: "map",
        keyType: dataType(json["keyType"], [...path, "key"]),
        valueType: dataType(json["valueType"], [...path, "value"]),
        valueContainsNull: json["valueContainsNull"] !== false,
      };
    default:
      throw unsupported(stringifyJson(kind ?? null), path);
  }
}

function structField(json: JsonValue, path: readonly string[]): StructField {
  if (!isJsonObject(json) || typeof json["name"] !== "string") {
    throw damaged(`a field of ${place(path)} has no name`);
  }
  const metadata = json["metadata"];
  return {
    name: json["name"],
    type: dataType(json["type"], [...path, json["name"]]),
    nullable: json["nullable"] !== false,
    metadata: isJsonObject(metadata) ? metadata : {},
  };
}

function primitive(name: string, path: readonly string[]): DataType {
  if (PRIMITIVES.has(name)) return name as DataType;
  // Spark reads a bare "decimal" as decimal(10,0).
  if (name === "decimal") return "decimal(10,0)";
  const decimal = decimalOf(name as DataType);
  if (decimal === undefined) throw unsupported(name, path);
  const { precision, scale } = decimal;
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision) throw unsupported(name, path);
  return `decimal(${precision},${scale})`;
}

function place(path: readonly string[]): string {
  return path.length === 0 ? "the schema" : path.join(".");
}

function damaged(what: string, cause?: unknown): LandfallError {
  return new LandfallError("TABLE_LOG_CORRUPT", {
    message: `The schema in the table's metadata is damaged: ${what}.`,
    hint: "Find out which program wrote the last metaData action of the table.",
    cause,
  });
}

function unsupported(type: string, path: readonly string[]): LandfallError {
  return new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
    message: `The column ${place(path)} has the type ${type}, which Landfall does not support.`,
    hint: "Write to a table without such a column, or to a copy of this one in which it has another type.",
  });
}
