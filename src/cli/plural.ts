import { formatCount } from "../base/units.ts";

/** `1 file`, `2,000 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
