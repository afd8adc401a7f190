/**
 * Partition values (PROTOCOL.md, "Partition Value Serialization"). Values come from and go to the engine as text, in the form of
 * its CAST to VARCHAR with the time zone UTC; JavaScript's numbers and dates would lose digits.
 */
import { LandfallError } from "../base/landfall-error.ts";
import { decimalOf, type DataType } from "../schema/data-type.ts";
import type { PartitionValues } from "./actions.ts";
import { javaDouble } from "./java-double.ts";
import { parseInstantText, type InstantText } from "./instant-text.ts";

/** One text for each partition: "" and null are one value of it. */
export function partitionKey(values: PartitionValues): string {
  const texts = Object.entries(values).map(([name, value]) => [name, value === "" ? null : value] as const);
  return JSON.stringify(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The engine's text of a value as `add.partitionValues` holds it. Null and "" become null, as the protocol knows no empty string.
 *
 * @throws LandfallError TABLE_SCHEMA_CONFLICT when a value of this type has no serialized form (an infinite date, a struct)
 */
export function serializePartitionValue(type: DataType, text: string | null): string | null {
  if (text === null || text === "") return null;
  const serialized = typeof type === "string" ? convert(type, text, asWritten) : undefined;
  if (serialized !== undefined) return serialized;
  throw new LandfallError("TABLE_SCHEMA_CONFLICT", {
    message: `The value ${JSON.stringify(text)} of type ${typeName(type)} cannot be a partition value.`,
    hint: "Partition by another column, or by an expression without such values.",
  });
}

/**
 * A serialized value as text that the engine casts to the column's type; null for null and "".
 *
 * @throws LandfallError TABLE_LOG_CORRUPT when the text is no value of the type
 */
export function parsePartitionValue(type: DataType, text: string | null): string | null {
  if (text === null || text === "") return null;
  const parsed = typeof type === "string" ? convert(type, text, asRead) : undefined;
  if (parsed !== undefined) return parsed;
  throw new LandfallError("TABLE_LOG_CORRUPT", {
    message: `The partition value ${JSON.stringify(text)} in the Delta log is no ${typeName(type)}.`,
    hint: "Find out which program wrote it; the rows of its file cannot be given this value.",
  });
}

type PrintInstant = (type: "timestamp" | "timestamp_ntz", instant: InstantText) => string;

const asWritten: PrintInstant = (type, { day, time, micros }) =>
  type === "timestamp"
    ? `${day}T${time}.${micros}Z`
    : `${day} ${time}${micros === "000000" ? "" : `.${micros}`}`;

// A value without zone was written in the writer's zone, which nobody recorded; UTC is what Delta recommends.
const asRead: PrintInstant = (type, { day, time, micros }) =>
  `${day} ${time}.${micros}${type === "timestamp" ? "+00" : ""}`;

function convert(type: string, text: string, print: PrintInstant): string | undefined {
  switch (type) {
    case "string":
    case "binary":
      return text;
    case "byte":
    case "short":
    case "integer":
    case "long":
      return wholeNumber(text);
    case "float":
    case "double":
      return javaDouble(text);
    case "boolean":
      return truth(text);
    case "date":
      return date(text);
    case "timestamp":
    case "timestamp_ntz": {
      const instant = parseInstantText(text);
      return instant === undefined ? undefined : print(type, instant);
    }
    default:
      return decimal(type, text);
  }
}

function wholeNumber(text: string): string | undefined {
  return /^[+-]?[0-9]+$/.test(text) ? BigInt(text.replace(/^\+/, "")).toString() : undefined;
}

function truth(text: string): string | undefined {
  const lower = text.toLowerCase();
  return lower === "true" || lower === "false" ? lower : undefined;
}

function date(text: string): string | undefined {
  return /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? text : undefined;
}

/** With all digits of the type's scale; undefined when the number has more of them or is none. */
function decimal(type: string, text: string): string | undefined {
  const size = decimalOf(type as DataType);
  const match = /^([+-]?)([0-9]+)(?:\.([0-9]*))?$/.exec(text);
  if (size === undefined || match === null) return undefined;
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  if (fraction.length > size.scale) return undefined;
  const whole = match[2]!.replace(/^0+(?=[0-9])/, "");
  if (whole !== "0" && whole.length > size.precision - size.scale) return undefined;
  const sign = match[1] === "-" ? "-" : "";
  return size.scale === 0 ? sign + whole : `${sign}${whole}.${fraction.padEnd(size.scale, "0")}`;
}

function typeName(type: DataType): string {
  return typeof type === "string" ? type : type.type;
}
