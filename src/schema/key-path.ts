/** Paths of keys through structs, arrays and maps, as people write them in hints: `items.element.price`. */
import type { DataType, MapType, StructField, StructType } from "./data-type.ts";
import { mergeTries, type TrieNode } from "./lattice.ts";

/** Keys from the top; `ELEMENT` stands for the elements of an array, `KEY` and `VALUE` for the keys and the values of a map. */
export type KeyPath = readonly (string | typeof ELEMENT | typeof VALUE | typeof KEY)[];

export const ELEMENT = 0;
export const VALUE = 1;
export const KEY = 2;

/** Dotted; a key that holds a dot or a backtick stands in backticks. */
export function keyPathText(path: KeyPath): string {
  return path
    .map((part) => {
      if (part === ELEMENT) return "element";
      if (part === VALUE) return "value";
      if (part === KEY) return "key";
      return /[.`]/.test(part) || part === "" ? `\`${part.replaceAll("`", "``")}\`` : part;
    })
    .join(".");
}

/** The paths of `wanted` that `known` does not have, outermost only: below a new struct nothing more is named. */
export function newPaths(known: StructType, wanted: StructType): KeyPath[] {
  return newBelow(known, wanted, []);
}

function newBelow(known: DataType, wanted: DataType, path: KeyPath): KeyPath[] {
  if (typeof known === "string" || typeof wanted === "string") return [];
  if (known.type === "array" && wanted.type === "array")
    return newBelow(known.elementType, wanted.elementType, [...path, ELEMENT]);
  if (known.type === "map" && wanted.type === "map")
    return newBelow(known.valueType, wanted.valueType, [...path, VALUE]);
  if (known.type !== "struct" || wanted.type !== "struct") return [];
  const standing = new Map(known.fields.map((field) => [field.name.toLowerCase(), field]));
  return wanted.fields.flatMap((field) => {
    const here = [...path, field.name];
    const other = standing.get(field.name.toLowerCase());
    return other === undefined ? [here] : newBelow(other.type, field.type, here);
  });
}

/** What was seen at a path; of keys that differ by case the one that came first. Undefined for a path that no record has. */
export function trieAt(trie: TrieNode, path: KeyPath): TrieNode | undefined {
  let node: TrieNode | undefined = trie;
  for (const part of path) {
    // Keys of objects are texts, and nothing else is seen of them.
    if (node === undefined || part === KEY) return undefined;
    if (part === VALUE)
      node = node.fields.size === 0 ? undefined : [...node.fields.values()].reduce(mergeTries);
    else node = part === ELEMENT ? node.element : childOf(node, part);
  }
  return node;
}

function childOf(node: TrieNode, key: string): TrieNode | undefined {
  const exact = node.fields.get(key);
  if (exact !== undefined) return exact;
  const folded = key.toLowerCase();
  for (const [other, child] of node.fields) if (other.toLowerCase() === folded) return child;
  return undefined;
}

/** The type at a path; undefined where there is none. */
export function typeAt(type: DataType, path: KeyPath): DataType | undefined {
  let found: DataType | undefined = type;
  for (const part of path) {
    if (found === undefined || typeof found === "string") return undefined;
    if (found.type === "array") found = part === ELEMENT ? found.elementType : undefined;
    else if (found.type === "map") found = partOf(found, part);
    else found = typeof part === "string" ? fieldOf(found, part)?.type : undefined;
  }
  return found;
}

function partOf(map: MapType, part: KeyPath[number]): DataType | undefined {
  if (part === KEY) return map.keyType;
  return part === VALUE ? map.valueType : undefined;
}

function fieldOf(struct: StructType, key: string): StructField | undefined {
  return struct.fields.find(({ name }) => name.toLowerCase() === key.toLowerCase());
}
