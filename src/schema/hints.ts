/** Hints with paths (`battery.soc DOUBLE`) as a schema that inference takes. */
import { nullableField, type DataType, type StructField, type StructType } from "./data-type.ts";

export interface PathHint {
  /** Keys from the top. */
  readonly path: readonly string[];
  readonly type: DataType;
}

/** The hints as nested structs; of two for one path the last counts. */
export function hintsAsSchema(hints: readonly PathHint[]): StructType {
  let schema: StructType = { type: "struct", fields: [] };
  for (const hint of hints) schema = withHint(schema, hint.path, hint.type);
  return schema;
}

function withHint(struct: StructType, path: readonly string[], type: DataType): StructType {
  const [key, ...rest] = path;
  if (key === undefined) return struct;
  const at = struct.fields.findIndex((field) => field.name.toLowerCase() === key.toLowerCase());
  const before = struct.fields[at]?.type;
  const inner =
    typeof before === "object" && before.type === "struct" ? before : { type: "struct" as const, fields: [] };
  const field = nullableField(
    struct.fields[at]?.name ?? key,
    rest.length === 0 ? type : withHint(inner, rest, type),
  );
  return { type: "struct", fields: at < 0 ? [...struct.fields, field] : struct.fields.with(at, field) };
}

/** One schema over another: where both name a field, the first has the say, struct by struct. */
export function overlay(first: StructType, second: StructType): StructType {
  const other = new Map(second.fields.map((field) => [field.name.toLowerCase(), field]));
  const fields = first.fields.map((field): StructField => {
    const below = other.get(field.name.toLowerCase());
    other.delete(field.name.toLowerCase());
    const both = typeof field.type === "object" && typeof below?.type === "object";
    if (!both || field.type.type !== "struct" || below.type.type !== "struct") return field;
    return { ...field, type: overlay(field.type, below.type) };
  });
  return { type: "struct", fields: [...fields, ...other.values()] };
}
