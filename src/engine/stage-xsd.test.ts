/** Rows of XML that are held against an XSD. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { countsOf, type FileContents, stageContents, type Staged } from "../../test/support/stage-files.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { DEFAULT_FORMAT_OPTIONS } from "../formats/format-options.ts";
import { xmlShape } from "../formats/xml-options.ts";
import { parseDdl } from "../schema/ddl.ts";

const engine = testEngine();

const SCHEMA = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"';

/** `r` with one `n`, an int, and an optional `t`, any text; an attribute `id`. */
const XSD = `${SCHEMA}><xs:element name="r"><xs:complexType><xs:sequence><xs:element name="n" type="xs:int"/>
  <xs:element name="t" type="xs:string" minOccurs="0"/></xs:sequence><xs:attribute name="id"/></xs:complexType></xs:element></xs:schema>`;

async function stage(
  t: Pick<TestContext, "after">,
  contents: FileContents,
  xsd = XSD,
  rowTag = "r",
): Promise<Staged> {
  const path = join(temporaryFolder(t), "rows.xsd");
  writeFileSync(path, xsd);
  const xml = xmlShape.parse({ rowTag, rowValidationXSDPath: path });
  return stageContents(engine, t, contents, {
    format: "xml",
    formats: { ...DEFAULT_FORMAT_OPTIONS, xml },
  });
}

async function rejects({ result }: Staged): Promise<unknown[][]> {
  if (result.rejects === undefined) return [];
  const columns = parseDdl("file STRING, record BIGINT, reason STRING, content BINARY");
  const { rows } = await engine.query({
    sql: "SELECT file, record::INT, reason, decode(content) FROM rejects ORDER BY file, record",
    tables: [
      {
        name: "rejects",
        schema: columns,
        partitionColumns: [],
        files: [{ path: result.rejects.path, partitionValues: {} }],
      },
    ],
  });
  return rows.map((row) => [...row]);
}

test("a row that does not validate is rejected with the reason and its XML, the others are written", async (t) => {
  const staged = await stage(t, {
    "a.xml": '<all><r id="1"><n>1</n></r><r id="2"><n>x</n><t>a &lt; "b"</t></r><r/><r><n>4</n></r></all>',
    "b.xml": "<all><r><n>5</n></r></all>",
  });
  assert.deepEqual(staged.rows, ['{"_id":"1","n":"1"}', '{"n":"4"}', '{"n":"5"}']);
  assert.deepEqual(countsOf(staged.result), [
    [4, 2, 0, 2],
    [1, 1, 0, 0],
  ]);
  const [first, second] = await rejects(staged);
  assert.deepEqual(
    [first![0], first![1], first![3]],
    ["a.xml", 2, '<r id="2"><n>x</n><t>a &#60; "b"</t></r>'],
  );
  assert.match(
    String(first![2]),
    /^the XSD refuses it: Element 'n': 'x' is not a valid value of the atomic type/,
  );
  assert.match(String(second![2]), /Element 'r': Missing child element/);
});

test("namespaces that are declared above a row hold in it, whatever their prefix", async (t) => {
  const xsd = `${SCHEMA} targetNamespace="urn:x" xmlns="urn:x" elementFormDefault="qualified"><xs:element name="r"><xs:complexType>
    <xs:sequence><xs:element name="n" type="xs:int"/></xs:sequence></xs:complexType></xs:element></xs:schema>`;
  const contents = {
    "a.xml": '<a:all xmlns:a="urn:x"><a:r><a:n>1</a:n></a:r><a:r xmlns:a="urn:y"><a:n>2</a:n></a:r></a:all>',
  };
  const staged = await stage(t, contents, xsd, "a:r");
  assert.deepEqual(countsOf(staged.result), [[2, 1, 0, 1]]);
  assert.deepEqual(staged.rows, ['{"a:n":"1"}']);
});

test("whatever text and attributes a row has, it comes to the judge as it was", async (t) => {
  const any = `${SCHEMA}><xs:element name="r"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="a"/></xs:extension></xs:simpleContent></xs:complexType></xs:element></xs:schema>`;
  const text = fc
    .string({ unit: "binary", maxLength: 12 })
    .filter((one) => !/[\u0000-\u001f\ud800-\udfff\ufffe\uffff]/.test(one));
  const escape = (one: string): string => one.replaceAll(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const texts = fc.sample(text, { numRuns: 300, seed: 5 });
  const body = texts.map((one) => `<r a="${escape(one)}">${escape(one)}</r>`).join("");
  const staged = await stage(t, { "a.xml": `<all>${body}</all>` }, any);
  assert.deepEqual(countsOf(staged.result), [[300, 300, 0, 0]]);
});

test("an XSD that is none, is not there, or includes others fails the batch and loads nothing", async (t) => {
  const include = `${SCHEMA}><xs:include schemaLocation="file:///etc/passwd"/></xs:schema>`;
  for (const [xsd, reason] of [
    ["<r/>", /no XSD that can be read/],
    ["no XML", /no XSD that can be read/],
    [include, /ailed to load/],
  ] as const) {
    await assert.rejects(stage(t, { "a.xml": "<all><r/></all>" }, xsd), (error) => {
      assert.ok(isLandfallError(error, "SCHEMA_INVALID"));
      assert.match(error.message, reason);
      return true;
    });
  }
});
