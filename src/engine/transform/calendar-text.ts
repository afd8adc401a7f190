/** Days and instants as a module sees them: ISO 8601, years 1 to 9999, which is all that Delta holds for certain. */

const MICROS_A_DAY = 86_400_000_000n;
const MILLIS_A_DAY = 86_400_000;
/** 0001-01-01 and 9999-12-31, in days since 1970. */
const FIRST_DAY = -719_162;
const LAST_DAY = 2_932_896;

/** `2026-01-31`, or undefined for a day outside of the years 1 to 9999. */
export function dayText(days: number): string | undefined {
  if (days < FIRST_DAY || days > LAST_DAY) return undefined;
  return new Date(days * MILLIS_A_DAY).toISOString().slice(0, 10);
}

/** `2026-01-31T03:04:05.000006`, or undefined as for a day. */
export function clockText(micros: bigint): string | undefined {
  const rest = ((micros % MICROS_A_DAY) + MICROS_A_DAY) % MICROS_A_DAY;
  const day = dayText(Number((micros - rest) / MICROS_A_DAY));
  if (day === undefined) return undefined;
  const clock = new Date(Number(rest / 1000n)).toISOString().slice(11, 23);
  return `${day}T${clock}${String(rest % 1000n).padStart(3, "0")}`;
}

/** Days since 1970 of `YYYY-MM-DD`, or undefined for anything that is no day of the years 1 to 9999. */
export function readDay(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith("0000")) return undefined;
  const millis = Date.parse(`${text}T00:00:00Z`);
  // 02-30 would come back as 03-02.
  if (Number.isNaN(millis) || new Date(millis).toISOString().slice(0, 10) !== text) return undefined;
  return millis / MILLIS_A_DAY;
}

/** Microseconds since 1970 of `YYYY-MM-DDTHH:MM:SS` with up to six digits of a fraction, or undefined. */
export function readClock(text: string): bigint | undefined {
  const match = /^(.{10})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,6}))?$/.exec(text);
  const days = match === null ? undefined : readDay(match[1]!);
  if (match === null || days === undefined) return undefined;
  const [, , hours, minutes, seconds, fraction = ""] = match;
  const wholeSeconds = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return (
    BigInt(days) * MICROS_A_DAY + BigInt(wholeSeconds) * 1_000_000n + BigInt(fraction.padEnd(6, "0") || "0")
  );
}
