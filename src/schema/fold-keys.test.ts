import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { foldKeys } from "./fold-keys.ts";
import { inferSchema } from "./infer-schema.ts";
import { EMPTY_TRIE, mergeTries, type TrieNode } from "./lattice.ts";
import { VALUE_CLASS } from "./value-class.ts";

function node(mask: number, fields: Readonly<Record<string, TrieNode>> = {}): TrieNode {
  return { ...EMPTY_TRIE, mask, first: { file: 0, offset: 0 }, fields: new Map(Object.entries(fields)) };
}

test("keys that differ by case only are one at every depth, with what they held together", () => {
  const inner = (key: string, mask: number): TrieNode => node(VALUE_CLASS.OBJ, { [key]: node(mask) });
  const trie = node(VALUE_CLASS.OBJ, {
    a: inner("id", VALUE_CLASS.INT8),
    A: inner("Id", VALUE_CLASS.DEC),
    b: node(VALUE_CLASS.NULL),
  });
  assert.deepEqual(
    inferSchema({ trie: foldKeys(trie) }).fields.map(({ name, type }) => [name, type]),
    [["A", { type: "struct", fields: [{ name: "Id", type: "double", nullable: true, metadata: {} }] }]],
  );
});

test("folding and joining commute: neither files nor spellings have an order", () => {
  const leaf = fc
    .constantFrom(VALUE_CLASS.INT8, VALUE_CLASS.DEC, VALUE_CLASS.STR, VALUE_CLASS.NULL)
    .map((mask) => node(mask));
  const trie = fc
    .dictionary(fc.constantFrom("a", "A", "b"), leaf, { noNullPrototype: true })
    .map((fields) => node(VALUE_CLASS.OBJ, fields));
  fc.assert(
    fc.property(trie, trie, (one, other) => {
      const first = foldKeys(mergeTries(one, other));
      const second = foldKeys(mergeTries(foldKeys(other), foldKeys(one)));
      const sorted = (of: TrieNode): unknown => [...of.fields].sort(([a], [b]) => (a < b ? -1 : 1));
      assert.deepEqual(sorted(second), sorted(first));
    }),
  );
});
