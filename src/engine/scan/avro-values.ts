/** Avro's values as JSON text that the engine casts without loss: 64-bit integers, decimals, times and bytes exact. */
import type { AvroCursor } from "./avro-cursor.ts";
import { avroDamage } from "./avro-damage.ts";

const MICROS = 1_000_000;
const MILLIS_A_DAY = 86_400_000;
const MICROS_A_DAY = MILLIS_A_DAY * 1000;
/** The furthest day of a JavaScript date. */
const FURTHEST_DAYS = 100_000_000;
/** Two's complement that a double holds. */
const NUMBER_BYTES = 6;

export function longText(cursor: AvroCursor): string {
  return String(cursor.long());
}

export function doubleText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0.0" : String(value);
  return Number.isNaN(value) ? '"NaN"' : value > 0 ? '"Infinity"' : '"-Infinity"';
}

/** `\xHH` for what is no plain ASCII, as the engine's cast to bytes reads it. */
const BYTE_TEXTS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte >= 32 && byte < 127 && byte !== 34 && byte !== 39 && byte !== 92
    ? String.fromCharCode(byte)
    : `\\\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`,
);

export function bytesText(buf: Buffer, from: number, to: number): string {
  let text = '"';
  for (let at = from; at < to; at++) text += BYTE_TEXTS[buf[at]!]!;
  return `${text}"`;
}

/** An unscaled number in two's complement, highest byte first. */
export function decimalText(
  bytes: Buffer,
  { precision, scale }: { readonly precision: number; readonly scale: number },
): string {
  const unscaled =
    bytes.length === 0
      ? 0
      : bytes.length <= NUMBER_BYTES
        ? bytes.readIntBE(0, bytes.length)
        : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString("hex")}`));
  const isNegative = unscaled < 0;
  const digits = String(unscaled).slice(isNegative ? 1 : 0);
  if (digits.length > precision && unscaled !== 0)
    throw avroDamage(`a decimal has more digits than its type, decimal(${precision},${scale})`);
  const padded = digits.padStart(scale + 1, "0");
  const point = padded.length - scale;
  const fraction = scale === 0 ? "" : `.${padded.slice(point)}`;
  return `"${isNegative ? "-" : ""}${padded.slice(0, point)}${fraction}"`;
}

/** A day counted from 1970. */
export function dateText(days: number): string {
  return `"${dayText(days)}"`;
}

/** A count of millionths since 1970; `zone` is `Z` for instants, empty for times without one. */
export function timestampText(micros: number | bigint, zone: "Z" | ""): string {
  let days: number;
  let rest: number;
  if (typeof micros === "number") {
    days = Math.floor(micros / MICROS_A_DAY);
    rest = micros - days * MICROS_A_DAY;
  } else {
    const day = BigInt(MICROS_A_DAY);
    rest = Number(((micros % day) + day) % day);
    days = Number((micros - BigInt(rest)) / day);
  }
  const fraction = rest % MICROS;
  return `"${dayText(days)} ${clockText((rest - fraction) / MICROS)}.${fractionText(fraction)}${zone}"`;
}

/** A time of day, a count of millionths since midnight, as the engine prints it: a fraction only where there is one. */
export function timeText(micros: number | bigint): string {
  if (typeof micros === "bigint" || micros < 0 || micros > MICROS_A_DAY)
    throw avroDamage(`a time of day lies outside the day: ${String(micros)} microseconds`);
  const fraction = micros % MICROS;
  const clock = clockText((micros - fraction) / MICROS);
  return fraction === 0 ? `"${clock}"` : `"${clock}.${fractionText(fraction).replace(/0+$/, "")}"`;
}

function clockText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${TWO[Math.floor(minutes / 60)]!}:${TWO[minutes % 60]!}:${TWO[seconds % 60]!}`;
}

function fractionText(micros: number): string {
  return String(micros).padStart(6, "0");
}

const TWO: readonly string[] = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, "0"));

/** Of the day asked for last: most files hold the times of few days. */
let lastDay = 0;
let lastText = "1970-01-01";

/** A day as the engine reads it: years before 1 end in ` (BC)`. */
function dayText(days: number): string {
  if (days === lastDay) return lastText;
  if (!(Math.abs(days) <= FURTHEST_DAYS))
    throw avroDamage("a date or time lies more than 271,821 years from 1970");
  const [date] = new Date(days * MILLIS_A_DAY).toISOString().split("T") as [string];
  const match = /^([+-]\d{6}|\d{4})(-.*)$/.exec(date)!;
  const year = Number(match[1]);
  const written = year >= 1 ? year : 1 - year;
  lastDay = days;
  lastText = `${String(written).padStart(4, "0")}${match[2]!}${year >= 1 ? "" : " (BC)"}`;
  return lastText;
}
