const MILLISECONDS: ReadonlyMap<string, number> = new Map([
  ["millisecond", 1],
  ["second", 1000],
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000],
  ["week", 604_800_000],
]);

/**
 * Milliseconds of an interval in a table property: `interval 1 week`, `2 days 12 hours`. Undefined for anything else; months and
 * years have no fixed length, and Delta rejects them too.
 */
export function parseInterval(text: string): number | undefined {
  const body = text.trim().replace(/^interval\s+/i, "");
  if (!/^[0-9]+\s*[a-z]+(?:\s+[0-9]+\s*[a-z]+)*$/i.test(body)) return undefined;
  let total = 0;
  for (const match of body.matchAll(/([0-9]+)\s*([a-z]+)/gi)) {
    const unit = MILLISECONDS.get(match[2]!.toLowerCase().replace(/s$/, ""));
    if (unit === undefined) return undefined;
    total += Number(match[1]) * unit;
  }
  return Number.isSafeInteger(total) ? total : undefined;
}
