/**
 * What has been seen at every path, and how two such sightings join. The join is commutative, associative and idempotent
 * (lattice.test.ts), so neither the order of files nor the number of workers shows in a schema.
 */
import { canonicalMask } from "./value-class.ts";

/** A path's first appearance: the file's rank by key, then the byte offset in its (decompressed) bytes. */
export interface FirstSeen {
  readonly file: number;
  readonly offset: number;
}

/** One path: the top-level object, a field, or the elements of an array. Plain data: it crosses workers and processes. */
export interface TrieNode {
  /** The classes seen (`VALUE_CLASS`), in canonical form. */
  readonly mask: number;
  readonly first: FirstSeen;
  /** The most digits before the point of any number seen here, as written; 65,535 stands for that many or more. */
  readonly integerDigits: number;
  /** The most digits after the point, likewise. */
  readonly scale: number;
  /** By decoded key. */
  readonly fields: ReadonlyMap<string, TrieNode>;
  readonly element: TrieNode | undefined;
  /** Keys below this node were not all kept: there were more paths than the scanner's limit. */
  readonly overflowed: boolean;
}

/** A trie of no rows: the neutral element of `mergeTries`. */
export const EMPTY_TRIE: TrieNode = {
  mask: 0,
  first: { file: Number.MAX_SAFE_INTEGER, offset: Number.MAX_SAFE_INTEGER },
  integerDigits: 0,
  scale: 0,
  fields: new Map(),
  element: undefined,
  overflowed: false,
};

/** Orders first appearances: by file rank, then offset. */
export function compareFirstSeen(a: FirstSeen, b: FirstSeen): number {
  return a.file - b.file || a.offset - b.offset;
}

/** The join of two tries; pure. */
export function mergeTries(a: TrieNode, b: TrieNode): TrieNode {
  return {
    mask: canonicalMask(a.mask | b.mask),
    first: compareFirstSeen(a.first, b.first) <= 0 ? a.first : b.first,
    integerDigits: Math.max(a.integerDigits, b.integerDigits),
    scale: Math.max(a.scale, b.scale),
    fields: mergeFields(a.fields, b.fields),
    element:
      a.element === undefined
        ? b.element
        : b.element === undefined
          ? a.element
          : mergeTries(a.element, b.element),
    overflowed: a.overflowed || b.overflowed,
  };
}

function mergeFields(
  a: ReadonlyMap<string, TrieNode>,
  b: ReadonlyMap<string, TrieNode>,
): ReadonlyMap<string, TrieNode> {
  if (b.size === 0) return a;
  if (a.size === 0) return b;
  const merged = new Map(a);
  for (const [key, node] of b) {
    const other = merged.get(key);
    merged.set(key, other === undefined ? node : mergeTries(other, node));
  }
  return merged;
}
