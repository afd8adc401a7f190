/** `readerCaseSensitive: false`: keys that differ by case only are one key. */
import { mergeTries, type TrieNode } from "./lattice.ts";

/**
 * A trie in which such keys are one, at every depth: it has held what they held together. Its name is the first spelling in byte
 * order; a hint or the table may give the column another.
 */
export function foldKeys(trie: TrieNode): TrieNode {
  const groups = Map.groupBy(trie.fields, ([key]) => key.toLowerCase());
  const fields = new Map<string, TrieNode>();
  for (const group of groups.values()) {
    const node = group.map(([, child]) => child).reduce(mergeTries);
    fields.set(firstSpelling(group.map(([key]) => key)), foldKeys(node));
  }
  return {
    ...trie,
    fields,
    element: trie.element === undefined ? undefined : foldKeys(trie.element),
  };
}

/** Of spellings of one key the first in byte order. */
export function firstSpelling(keys: readonly string[]): string {
  return keys.reduce((first, key) =>
    Buffer.compare(Buffer.from(key), Buffer.from(first)) < 0 ? key : first,
  );
}
