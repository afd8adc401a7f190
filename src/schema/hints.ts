/** Hints with paths (`battery.soc DOUBLE`, `items.element.price DOUBLE`) as a schema that inference takes. */
import { nullableField, type DataType, type StructField, type StructType } from "./data-type.ts";
import { ELEMENT, type KeyPath } from "./key-path.ts";

export interface PathHint {
  /** Keys from the top; `element` stands for the elements of an array where no object has a key of that name. */
  readonly path: readonly string[];
  readonly type: DataType;
}

/** What is known of the things that hints speak of: a struct may have a field that is called `element`. */
export interface HintSurroundings {
  readonly table: StructType;
  /** Whether objects stand at a path of the data. */
  readonly holdsObjects: (path: KeyPath) => boolean;
}

/** The hints as nested structs and arrays; of two for one path the last counts. */
export function hintsAsSchema(
  hints: readonly PathHint[],
  surroundings: HintSurroundings = { table: { type: "struct", fields: [] }, holdsObjects: () => false },
): StructType {
  let schema: DataType = { type: "struct", fields: [] };
  for (const hint of hints)
    schema = withHint(
      schema,
      { rest: hint.path, path: [], table: surroundings.table },
      hint.type,
      surroundings,
    );
  return schema as StructType;
}

interface Place {
  /** What is left of the hint's path below here. */
  readonly rest: readonly string[];
  readonly path: KeyPath;
  readonly table: DataType | undefined;
}

/** `before` with the hint in it. */
function withHint(
  before: DataType | undefined,
  place: Place,
  type: DataType,
  surroundings: HintSurroundings,
): DataType {
  const [key, ...rest] = place.rest;
  if (key === undefined) return type;
  if (isElement(key, before, place, surroundings)) {
    const inner = typeof before === "object" && before.type === "array" ? before.elementType : undefined;
    const table =
      typeof place.table === "object" && place.table.type === "array" ? place.table.elementType : undefined;
    const below: Place = { rest, path: [...place.path, ELEMENT], table };
    return { type: "array", elementType: withHint(inner, below, type, surroundings), containsNull: true };
  }
  const fields = typeof before === "object" && before.type === "struct" ? before.fields : [];
  const at = fields.findIndex((field) => same(field.name, key));
  const table =
    typeof place.table === "object" && place.table.type === "struct"
      ? place.table.fields.find((field) => same(field.name, key))?.type
      : undefined;
  const below: Place = { rest, path: [...place.path, key], table };
  const field = nullableField(fields[at]?.name ?? key, withHint(fields[at]?.type, below, type, surroundings));
  return { type: "struct", fields: at < 0 ? [...fields, field] : fields.with(at, field) };
}

/** The table decides, then an earlier hint, then the data; a place of which nothing is known is an array (databricks.md §1.6). */
function isElement(
  key: string,
  before: DataType | undefined,
  place: Place,
  surroundings: HintSurroundings,
): boolean {
  if (key !== "element" || place.path.length === 0) return false;
  for (const known of [place.table, before]) if (typeof known === "object") return known.type === "array";
  return !surroundings.holdsObjects(place.path);
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** One schema over another: where both name a field, the first has the say, struct by struct and within arrays. */
export function overlay(first: StructType, second: StructType): StructType {
  const other = new Map(second.fields.map((field) => [field.name.toLowerCase(), field]));
  const fields = first.fields.map((field): StructField => {
    const below = other.get(field.name.toLowerCase());
    other.delete(field.name.toLowerCase());
    return below === undefined ? field : { ...field, type: overlayType(field.type, below.type) };
  });
  return { type: "struct", fields: [...fields, ...other.values()] };
}

function overlayType(first: DataType, second: DataType): DataType {
  if (typeof first === "string" || typeof second === "string") return first;
  if (first.type === "struct" && second.type === "struct") return overlay(first, second);
  if (first.type === "array" && second.type === "array")
    return { ...first, elementType: overlayType(first.elementType, second.elementType) };
  return first;
}
