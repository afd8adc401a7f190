/** The keys of a file whose values are left out, where there is no column to rescue them to. */
import type { PreparedFile } from "./scan-jobs.ts";

/** Enough to see what is going on; hostile keys must not fill memory. */
const MOST_KEYS = 100;

export class IgnoredKeys {
  readonly #keys = new Set<string>();

  add(path: string): void {
    if (this.#keys.size < MOST_KEYS) this.#keys.add(path);
  }

  list(): string[] {
    return [...this.#keys];
  }
}

/** `ignored` is there where nothing is rescued: records with misfits then count as ignored. */
export function misfitCounts(
  misfits: number,
  ignored: IgnoredKeys | undefined,
): Pick<PreparedFile, "rescued" | "ignored" | "ignoredKeys"> {
  if (ignored === undefined) return { rescued: misfits };
  return { rescued: 0, ignored: misfits, ignoredKeys: ignored.list() };
}
