/**
 * One shape for elements that have several. XML does not say whether an element that stands once is a list of one, nor whether
 * one of text alone might have had attributes. Both are decided once all records of the batch are known: an element that stands
 * twice in any of them is an array in all, and one that has attributes or children in any is a struct in all, its text under
 * `valueTag`. Where the table has the column already, the table decides.
 */
import { mergeTries, EMPTY_TRIE, type TrieNode } from "../../schema/lattice.ts";
import type { TargetNode } from "../../schema/fit.ts";
import { NUMBER_MASK, TEXT_MASK, VALUE_CLASS } from "../../schema/value-class.ts";
import { recordTree, type TreeNode } from "./record-tree.ts";

const { ARR, OBJ, BOOL, NULL } = VALUE_CLASS;
const SCALAR_MASK = NUMBER_MASK | TEXT_MASK | BOOL;

/** What was seen, as if every record had the shape that holds all of them. Pure. */
export function unifyXmlShapes(options: { readonly trie: TrieNode; readonly valueTag: string }): TrieNode {
  const { trie, valueTag } = options;
  const below = (node: TrieNode): TrieNode => unifyXmlShapes({ trie: node, valueTag });
  const { mask, fields, element } = trie;
  if ((mask & ARR) !== 0) {
    const single: TrieNode = { ...trie, mask: mask & ~(ARR | NULL), element: undefined };
    const all = (mask & (SCALAR_MASK | OBJ)) === 0 ? EMPTY_TRIE : single;
    const unified = below(mergeTries(element ?? EMPTY_TRIE, all));
    return { ...trie, mask: ARR | (mask & NULL), fields: new Map(), element: unified };
  }
  if ((mask & OBJ) === 0) return trie;
  const text = mask & SCALAR_MASK;
  const own: TrieNode = { ...trie, mask: text, fields: new Map(), element: undefined };
  const keyed = new Map(fields);
  if (text !== 0) keyed.set(valueTag, mergeTries(fields.get(valueTag) ?? EMPTY_TRIE, own));
  const unified = new Map([...keyed].map(([key, node]) => [key, below(node)]));
  return { ...trie, mask: OBJ | (mask & NULL), fields: unified };
}

/** Gives records the shape of a target: single values become arrays, texts structs. */
export function xmlWrapper(options: {
  readonly target: TargetNode;
  readonly valueTag: string;
}): (record: Buffer) => Buffer {
  const { target } = options;
  const valueKey = Buffer.from(JSON.stringify(options.valueTag)).toString("latin1");
  return (record) => {
    const sourceOf = (node: TreeNode): string => record.toString("latin1", node.from, node.to);
    const wrapped = (node: TreeNode, to: TargetNode | undefined): string => {
      if (to === undefined || (node.kind === "scalar" && sourceOf(node) === "null")) return sourceOf(node);
      if (to.kind === "array") {
        const items = node.kind === "array" ? node.items : [node];
        return `[${items.map((item) => wrapped(item, to.element)).join(",")}]`;
      }
      if (to.kind !== "struct" || node.kind === "array") return sourceOf(node);
      if (node.kind === "object") {
        const members = node.members.map(
          ({ key, keySource, value }) => `${keySource}:${wrapped(value, fieldOf(to, key))}`,
        );
        return `{${members.join(",")}}`;
      }
      const text = to.fields.get(options.valueTag);
      return text === undefined ? sourceOf(node) : `{${valueKey}:${wrapped(node, text)}}`;
    };
    return Buffer.from(wrapped(recordTree(record), target), "latin1");
  };
}

function fieldOf(target: TargetNode, key: string): TargetNode | undefined {
  return target.fields.get(key) ?? target.fields.get(target.byFolded?.get(key.toLowerCase()) ?? key);
}
