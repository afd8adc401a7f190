/**
 * Values of statistics, partition values and literals in a form that compares as the engine compares: numbers by value, text by UTF-8
 * bytes, times by instant, NaN above all other numbers.
 */
import { decimalOf, type DataType } from "../../schema/data-type.ts";
import { parseInstantText } from "../instant-text.ts";
import { javaDouble } from "../java-double.ts";
import { compareText } from "../../base/compare-text.ts";

/** A whole number or decimal: `units` / 10^`scale`. */
export interface ExactValue {
  readonly kind: "exact";
  readonly units: bigint;
  readonly scale: number;
}

/** Floating point; exact; or text, whose order is that of the values. */
export type KnownValue =
  | { readonly kind: "floating"; readonly value: number }
  | ExactValue
  | { readonly kind: "text" | "date" | "instant" | "boolean"; readonly text: string };

const WHOLE = /^[+-]?[0-9]+$/;
const DECIMAL = /^([+-]?)([0-9]+)(?:\.([0-9]*))?$/;
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
/** Far more than any column's, so that no absurd text is made a number of. */
const MOST_DIGITS = 80;

/** The value of a text; undefined where it is none of the type, or of a type that nothing is known of. */
export function knownValue(type: DataType, text: string): KnownValue | undefined {
  switch (type) {
    case "string":
      return { kind: "text", text };
    case "byte":
    case "short":
    case "integer":
    case "long":
      return WHOLE.test(text) && text.length <= MOST_DIGITS
        ? { kind: "exact", units: BigInt(text.replace("+", "")), scale: 0 }
        : undefined;
    case "float":
    case "double":
      return floating(type, text);
    case "boolean": {
      const lower = text.toLowerCase();
      return lower === "true" || lower === "false" ? { kind: "boolean", text: lower } : undefined;
    }
    case "date":
      return DATE.test(text) ? { kind: "date", text } : undefined;
    case "timestamp":
    case "timestamp_ntz": {
      const instant = parseInstantText(text);
      return instant && { kind: "instant", text: `${instant.day} ${instant.time}.${instant.micros}` };
    }
    case "binary":
    case "variant":
    case "void":
      return undefined;
    default:
      return decimalOf(type) === undefined ? undefined : decimal(text);
  }
}

/** Negative, 0 or positive; undefined for values that do not compare. */
export function compareKnown(left: KnownValue, right: KnownValue): number | undefined {
  if (left.kind === "floating") {
    return right.kind === "floating" ? compareFloating(left.value, right.value) : undefined;
  }
  if (left.kind === "exact") {
    if (right.kind !== "exact") return undefined;
    const scale = Math.max(left.scale, right.scale);
    const a = unitsAt(left, scale);
    const b = unitsAt(right, scale);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (left.kind !== right.kind) return undefined;
  const { text } = right as { readonly text: string };
  if (left.kind === "text") return compareText(left.text, text);
  return left.text < text ? -1 : left.text > text ? 1 : 0;
}

function unitsAt(value: { readonly units: bigint; readonly scale: number }, scale: number): bigint {
  return value.scale === scale ? value.units : value.units * 10n ** BigInt(scale - value.scale);
}

function compareFloating(left: number, right: number): number {
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : 1;
  if (Number.isNaN(right)) return -1;
  return left < right ? -1 : left > right ? 1 : 0;
}

function floating(type: "float" | "double", text: string): KnownValue | undefined {
  const print = javaDouble(text);
  if (print === undefined) return undefined;
  const value = Number(print);
  return { kind: "floating", value: type === "float" ? Math.fround(value) : value };
}

function decimal(text: string): KnownValue | undefined {
  const match = text.length <= MOST_DIGITS ? DECIMAL.exec(text) : null;
  if (match === null) return undefined;
  const fraction = match[3] ?? "";
  const units = BigInt(match[2]! + fraction);
  return { kind: "exact", units: match[1] === "-" ? -units : units, scale: fraction.length };
}
