/**
 * Rows of JavaScript as lines of JSON that the engine reads as a table's columns, each value as it was. What is no value of its column is
 * refused with the row's number and the column: the engine would bend some of it in silence.
 */
import { LandfallError } from "../../base/landfall-error.ts";
import type { ArrayType, DataType, MapType, StructField, StructType } from "../../schema/data-type.ts";
import { formatDdlType } from "../../schema/format-ddl.ts";
import { isPlainObject, leafText, printed } from "./leaf-text.ts";

/** The line of a row, without its end. `number` of the row, from 1, is for errors. Throws LandfallError ROW_MISFIT. */
export type RowLine = (row: unknown, number: number) => string;

/** The JSON text of a value that is not null, or what is wrong with it. */
type ValueText = (value: unknown) => string | Misfit;

interface Misfit {
  readonly path: readonly string[];
  readonly why: string;
}

/** Binary values are base64; times are in UTC. */
export function rowLine(schema: StructType): RowLine {
  const textOf = structText(schema);
  return (row, number) => {
    const text = isPlainObject(row) ? textOf(row) : { path: [], why: `${printed(row)} is no object` };
    if (typeof text === "string") return text;
    const column = text.path.length === 0 ? "" : `, column ${text.path.join(".")}`;
    throw new LandfallError("ROW_MISFIT", {
      message: `Row ${number}${column}: ${text.why}.`,
      hint: "Nothing was written. Mend the row, or leave it out.",
    });
  };
}

function textOf(type: DataType): ValueText {
  if (typeof type === "string") {
    const leaf = leafText(type);
    return (value) => leaf(value) ?? { path: [], why: `${printed(value)} is no ${formatDdlType(type)}` };
  }
  if (type.type === "struct") return structText(type);
  return type.type === "array" ? arrayText(type) : mapText(type);
}

function structText({ fields }: StructType): ValueText {
  const names = new Set(fields.map(({ name }) => name));
  const members = fields.map((field) => ({
    name: field.name,
    key: `${JSON.stringify(field.name)}:`,
    text: orNull(textOf(field.type), field),
  }));
  return (value) => {
    if (!isPlainObject(value)) return { path: [], why: `${printed(value)} is no object` };
    let json = "{";
    for (const { name, key, text } of members) {
      const member = text(Object.hasOwn(value, name) ? value[name] : undefined);
      if (typeof member !== "string") return below(name, member);
      json += `${json.length === 1 ? "" : ","}${key}${member}`;
    }
    for (const name of Object.keys(value))
      if (!names.has(name)) return { path: [name], why: "the table has no such column" };
    return `${json}}`;
  };
}

function arrayText({ elementType, containsNull }: ArrayType): ValueText {
  const element = orNull(textOf(elementType), { nullable: containsNull });
  return (value) => {
    if (!Array.isArray(value)) return { path: [], why: `${printed(value)} is no array` };
    const texts: string[] = [];
    for (const [i, one] of value.entries()) {
      const text = element(one);
      if (typeof text !== "string") return below(String(i), text);
      texts.push(text);
    }
    return `[${texts.join(",")}]`;
  };
}

/** A Map, or an object whose keys are texts. */
function mapText({ keyType, valueType, valueContainsNull }: MapType): ValueText {
  const keyText = orNull(textOf(keyType), { nullable: false });
  const held = orNull(textOf(valueType), { nullable: valueContainsNull });
  const isPlainKey = typeof keyType === "string";
  return (value) => {
    if (!isPlainKey)
      return { path: ["key"], why: "maps whose keys are nested cannot be written from objects" };
    const isObject = isPlainObject(value);
    if (!isObject && !(value instanceof Map)) return { path: [], why: `${printed(value)} is no Map` };
    const members = new Map<string, string>();
    for (const [key, one] of isObject ? Object.entries(value) : value.entries()) {
      const name = keyText(key);
      if (typeof name !== "string") return below("key", name);
      const text = held(one);
      if (typeof text !== "string") return below(printed(key), text);
      if (members.has(name)) return { path: ["key"], why: `${printed(key)} is there twice` };
      members.set(name, text);
    }
    // A key of an object is a text in JSON, whatever its type.
    const texts = [...members].map(([name, text]) => `${name.startsWith('"') ? name : `"${name}"`}:${text}`);
    return `{${texts.join(",")}}`;
  };
}

function orNull(text: ValueText, { nullable }: Pick<StructField, "nullable">): ValueText {
  return (value) => {
    if (value !== null && value !== undefined) return text(value);
    return nullable ? "null" : { path: [], why: "it must not be null" };
  };
}

function below(name: string, { path, why }: Misfit): Misfit {
  return { path: [name, ...path], why };
}
