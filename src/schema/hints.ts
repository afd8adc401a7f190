/** Hints with paths (`battery.soc DOUBLE`, `items.element.price DOUBLE`, `tags.value DECIMAL(10,2)`) as a schema that inference takes. */
import {
  nullableField,
  type DataType,
  type MapType,
  type StructField,
  type StructType,
} from "./data-type.ts";
import { ELEMENT, KEY, VALUE, type KeyPath } from "./key-path.ts";

export interface PathHint {
  /**
   * Keys from the top; `element` stands for the elements of an array where no object has a key of that name, `key` and `value` for
   * those of a map where there is one.
   */
  readonly path: readonly string[];
  readonly type: DataType;
}

/** What is known of the things that hints speak of: a struct may have a field that is called `element`, `key` or `value`. */
export interface HintSurroundings {
  readonly table: StructType;
  /** What stands at a path of the data: a struct where any file or row holds objects there, undefined where nothing is known. */
  readonly dataAt: (path: KeyPath) => DataType | undefined;
}

const NOTHING_KNOWN: HintSurroundings = { table: { type: "struct", fields: [] }, dataAt: () => undefined };

/** The hints as nested structs, arrays and maps; a longer path says more of what a shorter one states, in whatever order they stand. */
export function hintsAsSchema(
  hints: readonly PathHint[],
  surroundings: HintSurroundings = NOTHING_KNOWN,
): StructType {
  let schema: DataType = { type: "struct", fields: [] };
  for (const hint of wholesFirst(hints))
    schema = withHint(
      schema,
      { rest: hint.path, path: [], table: surroundings.table },
      hint.type,
      surroundings,
    );
  return schema as StructType;
}

/** In their order, but each hint before those that say more of what it states. */
function wholesFirst(hints: readonly PathHint[]): PathHint[] {
  const ordered: PathHint[] = [];
  for (const hint of hints) {
    const says = (other: PathHint): boolean =>
      other.path.length > hint.path.length && hint.path.every((key, i) => same(key, other.path[i]!));
    const at = ordered.findIndex(says);
    ordered.splice(at < 0 ? ordered.length : at, 0, hint);
  }
  return ordered;
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
  const inner = (
    standing: DataType | undefined,
    part: KeyPath[number],
    table: DataType | undefined,
  ): DataType => withHint(standing, { rest, path: [...place.path, part], table }, type, surroundings);
  if (isElement(key, before, place, surroundings)) {
    const [standing, table] = [before, place.table].map((one) =>
      isOf("array", one) ? one.elementType : undefined,
    );
    return { type: "array", elementType: inner(standing, ELEMENT, table), containsNull: true };
  }
  const map = mapOf(key, before, place, surroundings);
  if (map !== undefined) {
    const [standing, table] = [before, place.table].map((one) => (isOf("map", one) ? one : undefined));
    return key === "key"
      ? { ...map, keyType: inner(standing?.keyType, KEY, table?.keyType) }
      : { ...map, valueType: inner(standing?.valueType, VALUE, table?.valueType) };
  }
  const fields = isOf("struct", before) ? before.fields : [];
  const at = fields.findIndex((field) => same(field.name, key));
  const table = isOf("struct", place.table)
    ? place.table.fields.find((field) => same(field.name, key))?.type
    : undefined;
  const field = nullableField(fields[at]?.name ?? key, inner(fields[at]?.type, key, table));
  return { type: "struct", fields: at < 0 ? [...fields, field] : fields.with(at, field) };
}

/** The table decides, then a hint for the whole, then the data; a place of which nothing is known is an array (databricks.md §1.6). */
function isElement(
  key: string,
  before: DataType | undefined,
  place: Place,
  surroundings: HintSurroundings,
): boolean {
  if (key !== "element" || place.path.length === 0) return false;
  for (const known of [place.table, before]) if (typeof known === "object") return known.type === "array";
  return !isOf("struct", surroundings.dataAt(place.path));
}

/**
 * The map whose keys or values the hint means, by the same order of who decides. Where nothing is known of one, there is none: in JSON
 * and its like every map looks like an object, and objects with a key `value` are far more common.
 */
function mapOf(
  key: string,
  before: DataType | undefined,
  place: Place,
  surroundings: HintSurroundings,
): MapType | undefined {
  if ((key !== "key" && key !== "value") || place.path.length === 0) return undefined;
  const isStated = typeof place.table === "object" || typeof before === "object";
  if (!isStated) {
    const data = surroundings.dataAt(place.path);
    return isOf("map", data) ? data : undefined;
  }
  if (typeof place.table === "object" && place.table.type !== "map") return undefined;
  return [before, place.table].find((known) => isOf("map", known));
}

function isOf<Kind extends "struct" | "array" | "map">(
  kind: Kind,
  type: DataType | undefined,
): type is Extract<DataType, { type: Kind }> {
  return typeof type === "object" && type.type === kind;
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** One schema over another: where both name a field, the first has the say, struct by struct and within arrays and the values of maps. */
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
  if (first.type === "map" && second.type === "map")
    return { ...first, valueType: overlayType(first.valueType, second.valueType) };
  return first;
}
