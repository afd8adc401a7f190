import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { inferSchema } from "./infer-schema.ts";
import { EMPTY_TRIE, mergeTries, type TrieNode } from "./lattice.ts";
import { canonicalMask, VALUE_MASK } from "./value-class.ts";

const keys = fc.constantFrom("a", "A", "b", "ä", "Ä", "", "c d");

const tries = fc.letrec<{ node: TrieNode }>((tie) => ({
  node: fc
    .record({
      mask: fc.integer({ min: 1, max: VALUE_MASK }).map(canonicalMask),
      first: fc.record({ file: fc.nat(5), offset: fc.nat(50) }, { noNullPrototype: true }),
      integerDigits: fc.nat(20),
      scale: fc.nat(20),
      fields: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constant(new Map<string, TrieNode>()),
        fc.array(fc.tuple(keys, tie("node")), { maxLength: 3 }).map((entries) => new Map(entries)),
      ),
      element: fc.oneof({ depthSize: "small" }, fc.constant(undefined), tie("node")),
    })
    .map((node) => ({ ...node, overflowed: false })),
})).node;

test("joining tries is commutative, associative and idempotent, with the empty trie as neutral element", () => {
  fc.assert(
    fc.property(tries, tries, tries, (a, b, c) => {
      assert.deepEqual(mergeTries(a, b), mergeTries(b, a));
      assert.deepEqual(mergeTries(mergeTries(a, b), c), mergeTries(a, mergeTries(b, c)));
      assert.deepEqual(mergeTries(a, a), a);
      assert.deepEqual(mergeTries(a, EMPTY_TRIE), a);
    }),
  );
});

test("the order in which files are joined does not show in the schema", () => {
  fc.assert(
    fc.property(
      fc.array(tries, { minLength: 1, maxLength: 5 }).chain((files) =>
        // Each place in a file holds one path: first appearances of different paths never tie.
        fc.tuple(fc.constant(files.map((file, index) => unique(file, index))), fc.infiniteStream(fc.nat())),
      ),
      ([files, seeds]) => {
        const shuffled = files
          .map((file) => ({ file, rank: seeds.next().value as number }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ file }) => file);
        assert.deepEqual(
          inferSchema({ trie: shuffled.reduce(mergeTries, EMPTY_TRIE) }),
          inferSchema({ trie: files.reduce(mergeTries, EMPTY_TRIE) }),
        );
      },
    ),
  );
});

function unique(trie: TrieNode, file: number): TrieNode {
  let offset = 0;
  const renumber = (node: TrieNode): TrieNode => ({
    ...node,
    first: { file, offset: offset++ },
    fields: new Map([...node.fields].map(([key, child]) => [key, renumber(child)])),
    element: node.element === undefined ? undefined : renumber(node.element),
  });
  return renumber(trie);
}
