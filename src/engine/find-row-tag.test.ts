import assert from "node:assert/strict";
import { test } from "node:test";
import { findRowTag } from "./find-row-tag.ts";

const CASES: readonly (readonly [why: string, text: string, tag: string | undefined])[] = [
  ["the element that repeats below the root", "<r><row/><row/></r>", "row"],
  ["nearer to the root wins", "<r><row><v/><v/></row><row/></r>", "row"],
  ["deeper where nothing repeats above", "<r><list><row/><row/></list></r>", "row"],
  ["beside a head of its own", "<r><head/><row/><row/></r>", "row"],
  ["the most frequent of several", "<r><a/><a/><b/><b/><b/></r>", "b"],
  ["the first child where nothing repeats", "<r><row><v/></row></r>", "row"],
  ["the root where it has no child", "<r>text</r>", "r"],
  ["a text that ends in the middle", "<r><row a='1'><v>1</v></row><row a='", "row"],
  ["one with a prefix, as written", "<x:r xmlns:x='u'><x:row/><x:row/></x:r>", "x:row"],
  ["no XML", "id,name\n", undefined],
];

for (const [why, text, tag] of CASES) {
  test(`${why}: ${String(tag)}`, () => assert.equal(findRowTag(text), tag));
}
