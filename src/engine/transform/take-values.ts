/** The values of a module's answer, checked against its columns: what a column cannot hold exactly is a Misfit, never changed to fit. */
import { inspect } from "node:util";
import { decimalValue, fitsDecimal } from "../../schema/decimal-value.ts";
import { decimalOf, type DataType, type MapType, type StructType } from "../../schema/data-type.ts";
import { readClock, readDay } from "./calendar-text.ts";
import { inside, Misfit } from "./misfit.ts";
import { isPlainObject } from "./is-plain-object.ts";
import type { PlainValue } from "./module-messages.ts";

export type Take = (value: unknown) => PlainValue;

/** The function that takes the values of a type; undefined is null. */
export function taker(type: DataType, nullable = true): Take {
  const take = takerOfPresent(type);
  return (value) => {
    if (value !== null && value !== undefined) return take(value);
    if (nullable) return null;
    throw new Misfit({ value, reason: "the column is NOT NULL" });
  };
}

function takerOfPresent(type: DataType): Take {
  if (typeof type !== "string") {
    if (type.type === "struct") return takeStruct(type);
    if (type.type === "array") return takeArray(taker(type.elementType, type.containsNull));
    return takeMap(type);
  }
  const decimal = decimalOf(type);
  if (decimal !== undefined) return (value) => takeDecimal(value, decimal);
  const take = PRIMITIVES[type as keyof typeof PRIMITIVES];
  return take;
}

const PRIMITIVES = {
  byte: (value) => takeInteger(value, 8),
  short: (value) => takeInteger(value, 16),
  integer: (value) => takeInteger(value, 32),
  long: takeLong,
  float: takeFloat,
  double: (value) => (typeof value === "number" ? value : refuse(value, "it takes numbers")),
  boolean: (value) => (typeof value === "boolean" ? value : refuse(value, "it takes true and false")),
  string: takeText,
  binary: takeBytes,
  date: takeDate,
  timestamp: takeInstant,
  timestamp_ntz: takeClock,
} as const satisfies Record<string, Take>;

function refuse(value: unknown, reason: string): never {
  throw new Misfit({ value, reason: isPromise(value) ? "a promise is no value: await it" : reason });
}

function isPromise(value: unknown): boolean {
  return value instanceof Promise;
}

function takeInteger(value: unknown, bits: number): number {
  if (typeof value !== "number" && typeof value !== "bigint") refuse(value, "it takes whole numbers");
  if (typeof value === "number" && !Number.isInteger(value)) refuse(value, "it takes whole numbers");
  const most = 2 ** (bits - 1);
  if (value < -most || value >= most) refuse(value, `it holds ${-most} to ${most - 1}`);
  // Of -0 as well.
  return Number(value) + 0;
}

function takeLong(value: unknown): bigint {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value))
      refuse(value, "it takes bigints, and whole numbers up to 2^53 - 1, beyond which numbers are not exact");
    return BigInt(value);
  }
  if (typeof value !== "bigint") refuse(value, "it takes bigints and whole numbers");
  if (BigInt.asIntN(64, value) !== value) refuse(value, "it has more than 64 bits");
  return value;
}

function takeFloat(value: unknown): number {
  if (typeof value !== "number") refuse(value, "it takes numbers");
  if (!Number.isNaN(value) && Math.fround(value) !== value)
    refuse(value, "32 bits do not hold it exactly: Math.fround(value) rounds it on purpose");
  return value;
}

function takeDecimal(
  value: unknown,
  { precision, scale }: { readonly precision: number; readonly scale: number },
): bigint {
  const text = decimalText(value);
  if (!fitsDecimal(text, precision, scale))
    refuse(value, `it holds ${precision - scale} digits before the point and ${scale} after it`);
  const { negative, digits, exponent } = decimalValue(text);
  if (digits === "") return 0n;
  const unscaled = BigInt(digits.padEnd(exponent + scale, "0"));
  return negative ? -unscaled : unscaled;
}

/** A number counts as the shortest text that reads back as it. */
function decimalText(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") {
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      refuse(value, "whole numbers beyond 2^53 - 1 are not exact: give a bigint or text");
    if (Number.isFinite(value)) return String(value);
  }
  if (typeof value === "string" && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value)) return value;
  return refuse(value, 'it takes text such as "-12.50", bigints, and numbers');
}

function takeText(value: unknown): string {
  if (typeof value !== "string") refuse(value, "it takes text: String(value) makes it");
  if (!value.isWellFormed()) refuse(value, "it has half of a surrogate pair, which is no text");
  return value;
}

/** A copy: a small Buffer is part of a large one, all of which would be sent. */
function takeBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) refuse(value, "it takes Uint8Arrays");
  return new Uint8Array(value);
}

function takeDate(value: unknown): number {
  if (value instanceof Date) {
    const [day, clock] = dateText(value).split("T") as [string, string];
    if (clock !== "00:00:00.000Z") refuse(value, "it has a time of day (in UTC), which a DATE would lose");
    return readDay(day)!;
  }
  const days = typeof value === "string" ? readDay(value) : undefined;
  return days ?? refuse(value, "it takes days of the years 1 to 9999 as YYYY-MM-DD");
}

function takeInstant(value: unknown): bigint {
  const text = value instanceof Date ? dateText(value) : value;
  const micros = typeof text === "string" && text.endsWith("Z") ? readClock(text.slice(0, -1)) : undefined;
  return (
    micros ?? refuse(value, "it takes Dates, and YYYY-MM-DDTHH:MM:SS.ffffffZ in UTC of the years 1 to 9999")
  );
}

function takeClock(value: unknown): bigint {
  const micros = typeof value === "string" ? readClock(value) : undefined;
  return (
    micros ?? refuse(value, "it takes YYYY-MM-DDTHH:MM:SS.ffffff without a zone, of the years 1 to 9999")
  );
}

function dateText(date: Date): string {
  const text = Number.isNaN(date.getTime()) ? "" : date.toISOString();
  // Years beyond 9999 and before 0 have a sign and six digits.
  if (text.length !== 24 || text.startsWith("0000")) refuse(date, "it lies outside of the years 1 to 9999");
  return text;
}

function takeArray(take: Take): Take {
  return (value) => {
    if (!Array.isArray(value)) refuse(value, "it takes arrays");
    const items = value as readonly unknown[];
    const taken: PlainValue[] = [];
    try {
      // By number, so that a hole is null.
      for (let i = 0; i < items.length; i++) taken.push(take(items[i]));
    } catch (error) {
      throw inside(error, `[${taken.length}]`);
    }
    return taken;
  };
}

function takeStruct(type: StructType): Take {
  const fields = type.fields.map(({ name, type, nullable }) => ({ name, take: taker(type, nullable) }));
  const names = new Set(fields.map(({ name }) => name));
  return (value) => {
    if (!isPlainObject(value)) refuse(value, "it takes plain objects");
    for (const key of Object.keys(value))
      if (!names.has(key)) refuse(value, `it has no field ${JSON.stringify(key)}`);
    return fields.map(({ name, take }) => {
      try {
        return take(Object.hasOwn(value, name) ? value[name] : null);
      } catch (error) {
        throw inside(error, `.${name}`);
      }
    });
  };
}

function takeMap(type: MapType): Take {
  const takeKey = taker(type.keyType, false);
  const takeValue = taker(type.valueType, type.valueContainsNull);
  const entriesOf = (value: unknown): Iterable<readonly [unknown, unknown]> => {
    if (value instanceof Map) return value as Map<unknown, unknown>;
    if (type.keyType === "string" && isPlainObject(value)) return Object.entries(value);
    return refuse(value, `it takes Maps${type.keyType === "string" ? " and plain objects" : ""}`);
  };
  return (value) => {
    const seen = new Set<string>();
    return Array.from(entriesOf(value), ([key, entry]) => {
      if (key === null || key === undefined) refuse(value, "a map has no null keys");
      try {
        const plainKey = takeKey(key);
        const identity = keyIdentity(plainKey);
        if (seen.has(identity)) refuse(key, "the map has it twice as a key");
        seen.add(identity);
        return [plainKey, takeValue(entry)];
      } catch (error) {
        throw inside(error, `[${inspect(key, { depth: 0, maxStringLength: 50 })}]`);
      }
    });
  };
}

/** The same text for keys that are equal as the table sees them. */
function keyIdentity(key: PlainValue): string {
  if (key instanceof Uint8Array) return Buffer.from(key).toString("hex");
  if (Array.isArray(key)) return `[${key.map(keyIdentity).join()}]`;
  if (typeof key === "string") return JSON.stringify(key);
  return String(key);
}
