/** Timestamps as text, split into their parts in UTC, with microseconds and without passing through a Date's milliseconds. */

export interface InstantText {
  /** `yyyy-MM-dd` */
  readonly day: string;
  /** `HH:mm:ss` */
  readonly time: string;
  /** Six digits. */
  readonly micros: string;
}

const FORM =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?\s*(Z|[+-][0-9]{2}(?::?[0-9]{2})?(?::?[0-9]{2})?)?$/;

/**
 * Reads ISO forms, the engine's and Spark's: with `T` or a space, with or without fraction and offset; without an offset it is
 * taken as UTC. A date alone is midnight. Digits beyond microseconds are cut. Undefined for anything else, and for years outside
 * 0000–9999.
 */
export function parseInstantText(text: string): InstantText | undefined {
  const match = FORM.exec(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? `${text} 00:00:00` : text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute] = match.slice(1, 6).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const second = Number(match[6] ?? "0");
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) {
    return undefined;
  }
  // setUTCFullYear, since Date.UTC takes years below 100 as 19xx.
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  if (moment.getUTCDate() !== day) return undefined;
  moment.setUTCHours(hour, minute, second);
  const utc = new Date(moment.getTime() - offsetMilliseconds(match[8]));
  if (utc.getUTCFullYear() < 0 || utc.getUTCFullYear() > 9999) return undefined;
  const iso = utc.toISOString();
  return {
    day: iso.slice(0, 10),
    time: iso.slice(11, 19),
    micros: (match[7] ?? "").slice(0, 6).padEnd(6, "0"),
  };
}

function offsetMilliseconds(offset: string | undefined): number {
  if (offset === undefined || offset === "Z") return 0;
  const digits = offset.slice(1).replaceAll(":", "").padEnd(6, "0");
  const seconds =
    Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2, 4)) * 60 + Number(digits.slice(4));
  return (offset.startsWith("-") ? -1 : 1) * seconds * 1000;
}
