/** Avro's values as JSON text that the engine casts without loss: 64-bit integers, decimals, times and bytes exact. */
import type { AvroCursor } from "./avro-cursor.ts";
import { avroDamage } from "./avro-damage.ts";

const MICROS = 1_000_000;
const MILLIS_A_DAY = 86_400_000;
/** The furthest instant of a JavaScript date, in seconds: some 271,821 years from 1970. */
const FURTHEST_SECONDS = 8.64e12;
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
  const [day, suffix] = dayText(days * MILLIS_A_DAY);
  return `"${day}${suffix}"`;
}

/** A count of millionths since 1970; `zone` is `Z` for instants, empty for times without one. */
export function timestampText(micros: number | bigint, zone: "Z" | ""): string {
  const big = BigInt(MICROS);
  let fraction = Number(typeof micros === "bigint" ? micros % big : micros % MICROS);
  let seconds = typeof micros === "bigint" ? Number(micros / big) : Math.trunc(micros / MICROS);
  if (fraction < 0) {
    fraction += MICROS;
    seconds -= 1;
  }
  const [day, suffix, time] = dayText(seconds * 1000);
  return `"${day}${suffix} ${time}.${String(fraction).padStart(6, "0")}${zone}"`;
}

/** A day as the engine reads it (years before 1 end in ` (BC)`), and the time to the second. */
function dayText(millis: number): readonly [day: string, suffix: string, time: string] {
  if (!(Math.abs(millis) <= FURTHEST_SECONDS * 1000))
    throw avroDamage("a date or time lies more than 271,821 years from 1970");
  const [date, time] = new Date(millis).toISOString().split("T") as [string, string];
  const clock = time.slice(0, 8);
  const match = /^([+-]\d{6}|\d{4})(-.*)$/.exec(date)!;
  const year = Number(match[1]);
  if (year >= 1) return [`${String(year).padStart(4, "0")}${match[2]!}`, "", clock];
  return [`${String(1 - year).padStart(4, "0")}${match[2]!}`, " (BC)", clock];
}
