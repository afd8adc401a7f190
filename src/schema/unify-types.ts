/**
 * One schema for files that each carry their own types (Parquet). It depends on the files' ranks, never on the order in which
 * they are seen.
 *
 * | types of a column across files                 | the column |
 * | ---------------------------------------------- | --- |
 * | equal                                          | that type |
 * | integers                                       | the widest |
 * | FLOAT or DOUBLE with any other number          | DOUBLE: a number that it does not keep exactly is rescued |
 * | DECIMAL with DECIMAL or integers               | DECIMAL with the most digits before and after the point, at most 38 |
 * | structs                                        | field by field |
 * | arrays                                         | ARRAY of what their elements are together |
 * | maps                                           | MAP of what their keys and their values are together |
 * | kinds that have nothing in common              | the type of the file that is first by key: the other values are rescued |
 */
import {
  decimalOf,
  nullableField,
  type DataType,
  type MapType,
  type StructField,
  type StructType,
} from "./data-type.ts";
import { firstSpelling } from "./fold-keys.ts";
import { canBeColumn, type InferenceOptions } from "./infer-schema.ts";

/** Schemas in the order of their files' keys; each struct's fields have distinct names. */
export function unifySchemas(options: {
  readonly schemas: readonly StructType[];
  readonly options?: Pick<InferenceOptions, "hints" | "reserved">;
  /** Names that differ by case only are one column, at every depth. Default false. */
  readonly ignoresCase?: boolean;
}): StructType {
  const { hints, reserved } = options.options ?? {};
  const taken = new Set((reserved ?? []).map((name) => name.toLowerCase()));
  const schemas = options.ignoresCase === true ? inOneSpelling(options.schemas) : options.schemas;
  return { type: "struct", fields: unifyFields(schemas, hints, taken) };
}

/** Each schema with names in the spelling that is first in byte order at their path; what then stands twice in a struct is one. */
function inOneSpelling(schemas: readonly StructType[]): StructType[] {
  const spellings = new Map<string, string>();
  const at = (path: string, name: string): string => `${path}\0${name.toLowerCase()}`;
  const walk = (
    type: DataType,
    path: string,
    visit: (struct: StructType, path: string) => DataType,
  ): DataType => {
    if (typeof type === "string") return type;
    if (type.type === "array") return { ...type, elementType: walk(type.elementType, `${path}[]`, visit) };
    if (type.type === "map") return { ...type, valueType: walk(type.valueType, `${path}{}`, visit) };
    return visit(type, path);
  };
  const learn = (struct: StructType, path: string): DataType => {
    for (const { name, type } of struct.fields) {
      const here = at(path, name);
      spellings.set(here, firstSpelling([name, spellings.get(here) ?? name]));
      walk(type, here, learn);
    }
    return struct;
  };
  const respell = (struct: StructType, path: string): DataType => {
    const fields = new Map<string, StructField>();
    const isSpelt = new Set<string>();
    for (const field of struct.fields) {
      const here = at(path, field.name);
      const name = spellings.get(here)!;
      // As a reader takes them: the one that is spelt so, else the last.
      if (!isSpelt.has(name) || field.name === name)
        fields.set(name, { ...field, name, type: walk(field.type, here, respell) });
      if (field.name === name) isSpelt.add(name);
    }
    return { type: "struct", fields: [...fields.values()] };
  };
  for (const schema of schemas) walk(schema, "", learn);
  return schemas.map((schema) => walk(schema, "", respell) as StructType);
}

/** Columns in the order of their first appearance; of names that differ by case the first in byte order, or the hint's. */
function unifyFields(
  structs: readonly StructType[],
  hints: StructType | undefined,
  taken: ReadonlySet<string>,
): readonly StructField[] {
  const hinted = new Map((hints?.fields ?? []).map((field) => [field.name.toLowerCase(), field]));
  const types = new Map<string, DataType[]>();
  for (const { name, type } of structs.flatMap((struct) => struct.fields)) {
    const known = types.get(name);
    if (known === undefined) types.set(name, [type]);
    else known.push(type);
  }
  const winners = spellings(types.keys(), taken);
  const placed = new Set<string>();
  const fields: StructField[] = [];
  for (const [name, seen] of types) {
    const folded = name.toLowerCase();
    const hint = hinted.get(folded);
    if (hint !== undefined) {
      // What stands under another spelling is rescued where there is this one, and no field is made for it.
      const spelt = types.get(hint.name) ?? seen;
      if (!placed.has(folded)) fields.push({ ...hint, type: hintedType(spelt, hint.type) });
      placed.add(folded);
    } else if (winners.get(folded) === name) fields.push(nullableField(name, unifyTypes(seen)));
  }
  for (const [folded, field] of hinted) if (!placed.has(folded)) fields.push(field);
  return fields;
}

function spellings(names: Iterable<string>, taken: ReadonlySet<string>): Map<string, string> {
  const winners = new Map<string, string>();
  for (const name of names) {
    const folded = name.toLowerCase();
    if (taken.has(folded) || !canBeColumn(name)) continue;
    const other = winners.get(folded);
    if (other === undefined || Buffer.compare(Buffer.from(name), Buffer.from(other)) < 0)
      winners.set(folded, name);
  }
  return winners;
}

function hintedType(types: readonly DataType[], hint: DataType): DataType {
  if (typeof hint === "string") return hint;
  if (hint.type === "struct")
    return { type: "struct", fields: unifyFields(structsOf(types), hint, NONE_TAKEN) };
  if (hint.type === "array") return { ...hint, elementType: hintedType(elementsOf(types), hint.elementType) };
  const [keyType, valueType] = [
    hintedType(keysOf(types), hint.keyType),
    hintedType(valuesOf(types), hint.valueType),
  ];
  return { ...hint, keyType, valueType };
}

/** The type of a column whose files have these types, in the order of the files' keys; at least one. */
export function unifyTypes(types: readonly DataType[]): DataType {
  const first = types[0]!;
  const kind = kindOf(first);
  const alike = types.filter((type) => kindOf(type) === kind);
  if (kind === "number") return unifyNumbers(alike);
  if (typeof first === "string") return first;
  if (first.type === "struct")
    return { type: "struct", fields: unifyFields(structsOf(alike), undefined, NONE_TAKEN) };
  if (first.type === "array")
    return { type: "array", elementType: unifyTypes(elementsOf(alike)), containsNull: true };
  const keyType = unifyTypes(keysOf(alike));
  return { type: "map", keyType, valueType: unifyTypes(valuesOf(alike)), valueContainsNull: true };
}

const NONE_TAKEN: ReadonlySet<string> = new Set();

function structsOf(types: readonly DataType[]): StructType[] {
  return types.filter((type): type is StructType => typeof type === "object" && type.type === "struct");
}

function elementsOf(types: readonly DataType[]): DataType[] {
  return types.flatMap((type) =>
    typeof type === "object" && type.type === "array" ? [type.elementType] : [],
  );
}

function keysOf(types: readonly DataType[]): DataType[] {
  return types.flatMap((type) => (isMap(type) ? [type.keyType] : []));
}

function valuesOf(types: readonly DataType[]): DataType[] {
  return types.flatMap((type) => (isMap(type) ? [type.valueType] : []));
}

function isMap(type: DataType): type is MapType {
  return typeof type === "object" && type.type === "map";
}

/** Integers by width, with the digits that each can need. */
const INTEGER_DIGITS = new Map<DataType, number>([
  ["byte", 3],
  ["short", 5],
  ["integer", 10],
  ["long", 19],
]);

function kindOf(type: DataType): string {
  if (typeof type !== "string") return type.type;
  const isNumber =
    INTEGER_DIGITS.has(type) || type === "float" || type === "double" || decimalOf(type) !== undefined;
  return isNumber ? "number" : type;
}

function unifyNumbers(types: readonly DataType[]): DataType {
  if (types.every((type) => type === types[0])) return types[0]!;
  if (types.some((type) => type === "float" || type === "double")) return "double";
  const decimals = types.flatMap((type) => decimalOf(type) ?? []);
  const digits = Math.max(...types.map((type) => INTEGER_DIGITS.get(type) ?? 0));
  if (decimals.length === 0) return [...INTEGER_DIGITS].find(([, needed]) => needed === digits)![0];
  const scale = Math.max(...decimals.map((decimal) => decimal.scale));
  const whole = Math.max(digits, ...decimals.map(({ precision, scale: after }) => precision - after));
  return `decimal(${Math.min(38, whole + scale)},${scale})`;
}
