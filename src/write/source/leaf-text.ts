/** Values of JavaScript that a column takes, as JSON text that the engine casts to the column's type without a change. Pure. */
import { parseInstantText, type InstantText } from "../../delta/instant-text.ts";
import { decimalOf, type PrimitiveType } from "../../schema/data-type.ts";
import { fitsDecimal, plainDecimalText } from "../../schema/decimal-value.ts";

/** Undefined for what is no value of the type. */
type LeafText = (value: unknown) => string | undefined;

/** Binary is base64. What `valueAt` gives of a scan is taken, and what people write of dates, times and decimals. */
export function leafText(type: PrimitiveType): LeafText {
  switch (type) {
    case "byte":
      return (value) => wholeText(value, 7n);
    case "short":
      return (value) => wholeText(value, 15n);
    case "integer":
      return (value) => wholeText(value, 31n);
    case "long":
      return (value) => wholeText(value, 63n);
    case "float":
      return floatText;
    case "double":
      return doubleText;
    case "boolean":
      return (value) => (typeof value === "boolean" ? String(value) : undefined);
    case "string":
      // A lone half of a surrogate pair has no UTF-8.
      return (value) =>
        typeof value === "string" && value.isWellFormed() ? JSON.stringify(value) : undefined;
    case "binary":
      return (value) =>
        value instanceof Uint8Array
          ? `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")}"`
          : undefined;
    case "date":
      return dateText;
    case "timestamp":
      return timestampText;
    case "timestamp_ntz":
      return localTimeText;
    case "void":
    case "variant":
      return () => undefined;
    default: {
      const size = decimalOf(type);
      return size === undefined ? () => undefined : (value) => decimalText(value, size);
    }
  }
}

/** @param bits beside the sign */
function wholeText(value: unknown, bits: bigint): string | undefined {
  if (typeof value !== "bigint" && !Number.isSafeInteger(value)) return undefined;
  const whole = BigInt(value as bigint | number);
  const limit = 1n << bits;
  return whole >= -limit && whole < limit ? String(whole) : undefined;
}

function doubleText(value: unknown): string | undefined {
  if (typeof value !== "number") return undefined;
  // JSON has no words for those.
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? "-0.0" : String(value);
}

/** The nearest FLOAT, as any cast has it; beyond the largest there is none. */
function floatText(value: unknown): string | undefined {
  if (typeof value !== "number") return undefined;
  const rounded = Math.fround(value);
  return Number.isFinite(value) && !Number.isFinite(rounded) ? undefined : doubleText(rounded);
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function decimalText(
  value: unknown,
  { precision, scale }: { readonly precision: number; readonly scale: number },
): string | undefined {
  if (typeof value !== "string" && typeof value !== "bigint" && typeof value !== "number") return undefined;
  const text = String(value);
  if (!DECIMAL.test(text)) return undefined;
  const unsigned = text.replace(/^\+/, "");
  return fitsDecimal(unsigned, precision, scale) ? `"${plainDecimalText(unsigned)}"` : undefined;
}

const DAY_MS = 86_400_000;
/** Years 1 to 9999: readers know no others alike. */
const FIRST_MICROS = -62_135_596_800_000_000n;
const LAST_MICROS = 253_402_300_799_999_999n;

/** A Date at midnight UTC, `yyyy-MM-dd`, or days since 1970-01-01. */
function dateText(value: unknown): string | undefined {
  if (typeof value === "string") {
    const day = /^\d{4}-\d{2}-\d{2}$/.test(value) ? parseInstantText(value)?.day : undefined;
    return day === undefined || day < "0001-01-01" ? undefined : `"${day}"`;
  }
  const milliseconds =
    value instanceof Date ? value.getTime() : typeof value === "number" ? value * DAY_MS : NaN;
  if (!Number.isInteger(milliseconds / DAY_MS)) return undefined;
  const time = ofMicros(BigInt(milliseconds) * 1000n);
  return time === undefined ? undefined : `"${time.slice(0, 10)}"`;
}

/** A Date, an ISO text with its zone, or microseconds since the epoch. */
function timestampText(value: unknown): string | undefined {
  if (typeof value === "string" && !namesZone(value)) return undefined;
  const milliseconds = value instanceof Date ? value.getTime() : undefined;
  const isDate = milliseconds !== undefined && Number.isInteger(milliseconds);
  const text = isDate ? ofMicros(BigInt(milliseconds) * 1000n) : localTime(value);
  return text === undefined ? undefined : `"${text}+00"`;
}

/** An ISO text without a zone, or microseconds since 1970-01-01T00:00:00. */
function localTimeText(value: unknown): string | undefined {
  if (typeof value === "string" && namesZone(value)) return undefined;
  const text = localTime(value);
  return text === undefined ? undefined : `"${text}"`;
}

function namesZone(time: string): boolean {
  return /(?:Z|[+-]\d{2}(?::?\d{2})?)$/.test(time.slice(10));
}

function localTime(value: unknown): string | undefined {
  if (typeof value === "bigint") return ofMicros(value);
  if (typeof value !== "string") return undefined;
  // Digits beyond microseconds would be cut.
  if (/\.\d{6}\d*[1-9]/.test(value)) return undefined;
  const instant = parseInstantText(value);
  return instant === undefined || instant.day < "0001-01-01" ? undefined : textOf(instant);
}

function textOf({ day, time, micros }: InstantText): string {
  return `${day} ${time}.${micros}`;
}

function ofMicros(micros: bigint): string | undefined {
  if (micros < FIRST_MICROS || micros > LAST_MICROS) return undefined;
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const iso = new Date(Number((micros - fraction) / 1000n)).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${String(fraction).padStart(6, "0")}`;
}

/** What a struct is written from: no array, no Map, nothing with a value of its own. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !(value instanceof Map || value instanceof Date || ArrayBuffer.isView(value));
}

const SHOWN = 60;

/** A value for a message, cut short. */
export function printed(value: unknown): string {
  const text =
    typeof value === "string"
      ? JSON.stringify(value)
      : typeof value === "bigint"
        ? `${value}n`
        : Array.isArray(value)
          ? "an array"
          : value instanceof Date
            ? `the Date ${Number.isNaN(value.getTime()) ? "(invalid)" : value.toISOString()}`
            : typeof value === "object" && value !== null
              ? `a value of ${value.constructor?.name ?? "no class"}`
              : String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
