/**
 * The names under which a pipeline's state lies below `_landfall/`. A full refresh gives the pipeline a new id and a state of its own, and
 * leaves the old one where it is: `p`, then `p/2`, `p/3` (ADR 16). A declaration knows `p` only. Pure.
 */

/** The name that a declaration, `--pipeline` or `--name` says. */
export function declaredNameOf(name: string): string {
  const slash = name.indexOf("/");
  return slash < 0 ? name : name.slice(0, slash);
}

/** Of the state that a full refresh of this one makes. */
export function nameAfterRefresh(name: string): string {
  return `${declaredNameOf(name)}/${ordinalOf(name) + 1}`;
}

/** 1 for a pipeline that was never started over. */
export function ordinalOf(name: string): number {
  const slash = name.indexOf("/");
  return slash < 0 ? 1 : Number(name.slice(slash + 1));
}

/** The name of the state with that ordinal. */
export function nameOfOrdinal(declared: string, ordinal: number): string {
  return ordinal === 1 ? declared : `${declared}/${ordinal}`;
}
