import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError } from "../../base/landfall-error.ts";
import { xmlShape, type XmlOptions } from "../../formats/xml-options.ts";
import { XmlLines } from "./xml-lines.ts";

type Options = Partial<XmlOptions> & { readonly maxRecordBytes?: number };

function made(content: Buffer, options: Options, chunk: number): string {
  const pieces: string[] = [];
  const maker = new XmlLines({
    file: "f.xml",
    maxRecordBytes: 10_000,
    maxDepth: 20,
    ...xmlShape.parse({ rowTag: "r" }),
    ...options,
    write: (lines) => void pieces.push(lines.toString()),
  });
  for (let at = 0; at < content.length; at += chunk) {
    const fed = Buffer.from(content.subarray(at, at + chunk));
    maker.feed(fed);
    fed.fill(0x78);
  }
  maker.finish();
  return pieces.join("");
}

/** The lines, which must not depend on how the bytes were cut. */
function lines(content: string | Buffer, options: Options = {}): string[] {
  const all = [1, 3, 1_000_000].map((chunk) => made(Buffer.from(content), options, chunk));
  assert.equal(new Set(all).size, 1);
  return all[0]!.split("\n").slice(0, -1);
}

function fault(content: string | Buffer, options: Options = {}): string {
  try {
    lines(content, options);
  } catch (error) {
    assert.ok(isLandfallError(error, "FILE_DAMAGED"), String(error));
    return error.message;
  }
  return "none";
}

test("attributes, children and texts are members; repeated ones an array in their order", () => {
  assert.deepEqual(
    lines(
      `<?xml version="1.0"?><!-- c --><all><r id="7"><n>x</n><t a="1">5</t><n>y</n><n/></r>\n<r><d><e>1.50</e></d></r></all>`,
    ),
    ['{"_id":7,"n":["x","y",null],"t":{"_a":1,"_VALUE":5}}', '{"d":{"e":1.50}}'],
  );
});

test("texts are numbers and booleans only where they print back as they were", () => {
  const texts = ["007", "+1", "-0", "1.", ".5", "1e5", "-3.10", "TRUE", "true", "NaN", "0x1", "1 2", "null"];
  const [line] = lines(`<r>${texts.map((text) => `<v>${text}</v>`).join("")}</r>`);
  assert.equal(line, '{"v":["007","+1","-0","1.",".5",1e5,-3.10,"TRUE",true,"NaN","0x1","1 2",null]}');
});

test("a row may be the root, hold only text or nothing; a row inside a row is a column", () => {
  assert.deepEqual(lines("<r/>"), ["{}"]);
  assert.deepEqual(lines("<r> 5 </r>"), ['{"_VALUE":5}']);
  assert.deepEqual(lines("<r><r>1</r></r>"), ['{"r":1}']);
  assert.deepEqual(lines("<all/>"), []);
});

test("text between children is kept piece by piece, layout is not", () => {
  assert.deepEqual(lines("<r>\n a <b>1</b> c <!-- no --> d\n</r>"), ['{"b":1,"_VALUE":["a","c  d"]}']);
  assert.deepEqual(lines("<r>\n <b> x </b>\n</r>", { ignoreSurroundingSpaces: false }), ['{"b":" x "}']);
});

test("references and CDATA are text; keys of any name are only keys", () => {
  assert.deepEqual(
    lines('<r __proto__="1"><a>&lt;&#x41;&amp;<![CDATA[<b>]]></a><toString>x</toString></r>'),
    ['{"___proto__":1,"a":"<A&<b>","toString":"x"}'],
  );
});

test("prefixes stay or go, namespaces themselves always go", () => {
  const text = '<x:r xmlns:x="u" xmlns="v" x:a="1"><x:b>1</x:b><b>2</b></x:r>';
  assert.deepEqual(lines(text, { rowTag: "x:r" }), ['{"_x:a":1,"x:b":1,"b":2}']);
  assert.deepEqual(lines(text, { ignoreNamespace: true }), ['{"_a":1,"b":[1,2]}']);
  assert.deepEqual(lines(text, { ignoreNamespace: true, excludeAttribute: true }), ['{"b":[1,2]}']);
});

test("options name attributes, values and null", () => {
  assert.deepEqual(
    lines('<r a="-"><b c="">x</b><d>null</d></r>', { attributePrefix: "@", valueTag: "#", nullValue: "-" }),
    ['{"@a":null,"b":{"@c":null,"#":"x"},"d":"null"}'],
  );
});

test("encodings are told by the mark or the declaration", () => {
  const text = "<r><a>é</a></r>";
  assert.deepEqual(lines(Buffer.from(`\ufeff${text}`, "utf16le")), ['{"a":"é"}']);
  assert.deepEqual(lines(Buffer.from(`\ufeff${text}`)), ['{"a":"é"}']);
  const latin = `<?xml version="1.0" encoding="ISO-8859-1"?>${text}`;
  assert.deepEqual(lines(Buffer.from(latin, "latin1")), ['{"a":"é"}']);
  const declared = (encoding: string): Buffer =>
    Buffer.from(`<?xml version="1.0" encoding="${encoding}"?><r><a>\x80\xfe</a></r>`, "latin1");
  assert.deepEqual(lines(declared("iso-8859-1")), ['{"a":"\u0080þ"}']);
  assert.deepEqual(lines(declared("Latin1")), ['{"a":"\u0080þ"}']);
  assert.deepEqual(lines(declared("windows-1252")), ['{"a":"€þ"}']);
  assert.deepEqual(lines(declared("ISO-8859-9")), ['{"a":"\u0080ş"}']);
  assert.match(fault(declared("US-ASCII")), /bytes that are not utf-8/);
  assert.match(fault(Buffer.from(text, "latin1")), /bytes that are not utf-8/);
  assert.match(fault('<?xml version="1.0" encoding="klingon"?><r/>'), /encoding klingon is not known/);
});

test("what is not well-formed says where", () => {
  assert.match(fault("<all>\n<r><a></b></r></all>"), /^XML: .*\(line 2, column 10\)$/);
  for (const text of ["", "<r>", "<r/><r/>", "<r a='1' a='2'/>", "<r>&nope;</r>", "<r>\u0001</r>", "x"])
    assert.match(fault(text), /^XML: /, text);
});

test("entities of a document type are not expanded", () => {
  const bomb = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><r>&b;</r>';
  assert.match(fault(bomb), /undefined entity/);
  assert.match(fault('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>'), /undefined entity/);
  assert.deepEqual(lines('<!DOCTYPE r [<!ENTITY a "b">]><r>1</r>'), ['{"_VALUE":1}']);
});

test("records, texts and depths without end are refused before they fill memory", () => {
  assert.match(fault(`<r>${"x".repeat(20_000)}</r>`, { maxRecordBytes: 100 }), /longer than maxRecordBytes/);
  assert.match(fault(`<a>${" ".repeat(20_000)}</a>`, { maxRecordBytes: 100 }), /longer than maxRecordBytes/);
  assert.match(fault("<a>".repeat(30)), /deeper than maxDepth/);
  assert.equal(lines(`<a>${"<r>1</r>".repeat(5000)}</a>`, { maxRecordBytes: 100 }).length, 5000);
});
