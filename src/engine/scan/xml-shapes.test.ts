import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../../base/landfall-error.ts";
import { xmlShape } from "../../formats/xml-options.ts";
import { compileTarget } from "../../schema/fit.ts";
import { inferSchema } from "../../schema/infer-schema.ts";
import { EMPTY_TRIE, mergeTries, type TrieNode } from "../../schema/lattice.ts";
import { JsonScanner } from "./json-scanner.ts";
import { repairRecord } from "./repair-record.ts";
import { XmlLines } from "./xml-lines.ts";
import { unifyXmlShapes, xmlWrapper } from "./xml-shapes.ts";

const VALUE_TAG = "_VALUE";

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Element[];
}

const NAME = fc.constantFrom("a", "b", "c");
const TEXT = fc.constantFrom("1", "2.50", "007", "x", "true", "2024-02-29", "9007199254740993");

// Never empty: of a list of nulls alone no type is known, and it is rescued as in JSON.
const { element } = fc.letrec<{ element: Element }>((tie) => ({
  element: fc.record({
    name: NAME,
    attributes: fc.dictionary(NAME, TEXT, { maxKeys: 2 }),
    text: TEXT,
    children: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constant([]),
      fc.array(tie("element"), { maxLength: 4 }),
    ),
  }),
}));

function xmlOf({ name, attributes, text, children }: Element): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
  return `<${name}${written.join("")}>${text}${children.map(xmlOf).join("")}</${name}>`;
}

function linesOf(document: string): Buffer[] {
  const pieces: Buffer[] = [];
  const maker = new XmlLines({
    ...xmlShape.parse({ rowTag: "row" }),
    file: "f",
    maxRecordBytes: 1e6,
    maxDepth: 50,
    write: (lines) => void pieces.push(Buffer.from(lines)),
  });
  maker.feed(Buffer.from(document));
  maker.finish();
  const lines = Buffer.concat(pieces).toString().split("\n").slice(0, -1);
  return lines.map((line) => Buffer.from(line));
}

function trieOf(lines: readonly Buffer[], file = 0): TrieNode {
  const scanner = new JsonScanner({ file });
  for (const line of lines) scanner.feed(Buffer.concat([line, Buffer.from("\n")]));
  return scanner.finish().trie;
}

test("records of any shapes all fit the one shape that is found for them", () => {
  fc.assert(
    fc.property(fc.array(fc.array(element, { maxLength: 4 }), { minLength: 1, maxLength: 5 }), (rows) => {
      const lines = linesOf(
        `<all>${rows.map((row) => `<row>${row.map(xmlOf).join("")}</row>`).join("")}</all>`,
      );
      assert.equal(lines.length, rows.length);
      const trie = unifyXmlShapes({ trie: trieOf(lines), valueTag: VALUE_TAG });
      assert.deepEqual(unifyXmlShapes({ trie, valueTag: VALUE_TAG }), trie, "unifying twice changes nothing");
      const target = compileTarget({ schema: inferSchema({ trie }) });
      const wrap = xmlWrapper({ target, valueTag: VALUE_TAG });
      for (const line of lines) {
        const record = wrap(line);
        const { rescued } = repairRecord({ record, target, rescuedColumn: "_r", filePath: "f" });
        assert.equal(rescued, 0, `${line.toString()} became ${record.toString()}`);
        assert.deepEqual(wrap(record), record, "wrapping twice changes nothing");
      }
    }),
    { numRuns: 200 },
  );
});

test("the shape does not depend on which file held which record", () => {
  fc.assert(
    fc.property(fc.array(element, { maxLength: 5 }), fc.array(element, { maxLength: 5 }), (one, other) => {
      const [first, second] = [one, other].map((row, file) =>
        trieOf(linesOf(`<row>${row.map(xmlOf).join("")}</row>`), file),
      );
      const schemaOf = (trie: TrieNode): string =>
        JSON.stringify(inferSchema({ trie: unifyXmlShapes({ trie, valueTag: VALUE_TAG }) }));
      const [ab, ba] = [mergeTries(first!, second!), mergeTries(second!, first!)].map(schemaOf);
      assert.equal(ab, ba);
      assert.equal(schemaOf(mergeTries(EMPTY_TRIE, first!)), schemaOf(first!));
    }),
  );
});

test("a damaged document is read or refused, and never more than that", () => {
  const good = '<?xml version="1.0"?><all><row a="1">x<b>&lt;</b><![CDATA[y]]></row><!-- c --></all>';
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(127), fc.nat(good.length), (at, byte, cut) => {
      const bad = `${good.slice(0, at)}${String.fromCharCode(byte)}${good.slice(at + 1)}`.slice(0, cut);
      try {
        linesOf(bad);
      } catch (error) {
        assert.ok(isLandfallError(error, "FILE_DAMAGED"), String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
