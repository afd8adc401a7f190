const BYTE_UNITS: Record<string, number> = { "": 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };
/** Bytes of a text such as `10g`, `512 MB`, `1_000`; units are powers of 1024, as in Spark. Undefined if it is none. */
export function parseBytes(text: string): number | undefined {
  const match = /^([0-9_]+(?:\.[0-9]+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  if (!match) return undefined;
  const bytes = Number(match[1]!.replaceAll("_", "")) * BYTE_UNITS[match[2]!.toLowerCase()]!;
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : undefined;
}

const DURATION_UNITS: readonly (readonly [name: RegExp, milliseconds: number])[] = [
  [/^(?:ms|millis|milliseconds?)$/, 1],
  [/^(?:s|sec|secs|seconds?)$/, 1000],
  [/^(?:m|min|mins|minutes?)$/, 60_000],
  [/^(?:h|hours?)$/, 3_600_000],
  [/^(?:d|days?)$/, 86_400_000],
  [/^(?:w|weeks?)$/, 7 * 86_400_000],
];

/** Milliseconds of a text such as `30s`, `1.5 h`, `1 day 12 hours` or Spark's `interval 7 days`. Undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const said = text
    .trim()
    .toLowerCase()
    .replace(/^interval\s+/, "");
  if (!/^(?:[0-9]+(?:\.[0-9]+)?\s*[a-z]+\s*)+$/.test(said)) return undefined;
  let sum = 0;
  for (const [, count, unit] of said.matchAll(/([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)/g)) {
    const known = DURATION_UNITS.find(([name]) => name.test(unit!));
    if (known === undefined) return undefined;
    sum += Number(count) * known[1];
  }
  return Number.isSafeInteger(Math.round(sum)) ? Math.round(sum) : undefined;
}

/** `1.5 MB`: bytes for people, in powers of 1024, three digits at most. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]!}`;
}

/** `1,234,567`: whole numbers for people. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `850 ms`, `12.3 s`, `4 min 05 s`: durations for people. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}
