/** Days and instants as a module sees them: ISO 8601, years 1 to 9999, which is all that Delta holds for certain. */

const MICROS_A_DAY = 86_400_000_000n;
const MILLIS_A_DAY = 86_400_000;
/** 0001-01-01 and 9999-12-31, in days since 1970. */
const FIRST_DAY = -719_162;
const LAST_DAY = 2_932_896;

/** Of the day asked for last: most columns hold the times of few days. */
const last = { days: 0, text: "1970-01-01" };

/** `2026-01-31`, or undefined for a day outside of the years 1 to 9999. */
export function dayText(days: number): string | undefined {
  if (days === last.days) return last.text;
  if (!(days >= FIRST_DAY && days <= LAST_DAY)) return undefined;
  last.days = days;
  last.text = new Date(days * MILLIS_A_DAY).toISOString().slice(0, 10);
  return last.text;
}

const TWO: readonly string[] = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, "0"));

/** `2026-01-31T03:04:05.000006`, or undefined as for a day. */
export function clockText(micros: bigint): string | undefined {
  const past = ((micros % MICROS_A_DAY) + MICROS_A_DAY) % MICROS_A_DAY;
  const day = dayText(Number((micros - past) / MICROS_A_DAY));
  if (day === undefined) return undefined;
  const rest = Number(past);
  const fraction = rest % 1_000_000;
  const seconds = (rest - fraction) / 1_000_000;
  const minutes = Math.floor(seconds / 60);
  return `${day}T${TWO[Math.floor(minutes / 60)]!}:${TWO[minutes % 60]!}:${TWO[seconds % 60]!}.${String(fraction).padStart(6, "0")}`;
}

/** Days since 1970 of `YYYY-MM-DD`, or undefined for anything that is no day of the years 1 to 9999. */
export function readDay(text: string): number | undefined {
  if (text === last.text) return last.days;
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith("0000")) return undefined;
  const millis = Date.parse(`${text}T00:00:00Z`);
  // 02-30 would come back as 03-02.
  if (Number.isNaN(millis) || new Date(millis).toISOString().slice(0, 10) !== text) return undefined;
  last.days = millis / MILLIS_A_DAY;
  last.text = text;
  return last.days;
}

const CLOCK = /^.{10}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?$/;

/** Microseconds since 1970 of `YYYY-MM-DDTHH:MM:SS` with up to six digits of a fraction, or undefined. */
export function readClock(text: string): bigint | undefined {
  const days = CLOCK.test(text) ? readDay(text.slice(0, 10)) : undefined;
  if (days === undefined) return undefined;
  const minutes = Number(text.slice(11, 13)) * 60 + Number(text.slice(14, 16));
  const seconds = minutes * 60 + Number(text.slice(17, 19));
  const rest = seconds * 1_000_000 + Number(text.slice(20).padEnd(6, "0"));
  return BigInt(days) * MICROS_A_DAY + BigInt(rest);
}
