/** Odd files of the other formats. */
import { DEFAULT_FORMAT_OPTIONS } from "../../src/formats/format-options.ts";
import { tarOf, zipOf } from "../support/archives.ts";
import { avroFile } from "../support/avro-file.ts";
import { gzipOf, type OddFile } from "./odd-file.ts";

const odd = (
  format: OddFile["format"],
  name: string,
  content: string | Buffer,
  more: Omit<Partial<OddFile>, "name"> = {},
): OddFile => ({ name, format, content, ...more });

const rows = {
  options: { formats: { ...DEFAULT_FORMAT_OPTIONS, xml: { ...DEFAULT_FORMAT_OPTIONS.xml, rowTag: "r" } } },
};

export const ODD_OTHERS: readonly OddFile[] = [
  odd(
    "json",
    "a zip with two files, a folder and a hidden one",
    zipOf([
      { name: "a.json", content: '{"a":1}\n' },
      { name: "d/b.json", content: '{"a":2}' },
      { name: ".x", content: "x" },
    ]),
  ),
  odd(
    "json",
    "a tar",
    tarOf([
      { name: "a.json", content: '{"a":1}\n' },
      { name: "b.json", content: "broken\n" },
    ]),
  ),
  odd("json", "a tar in gzip", gzipOf(tarOf([{ name: "a.json", content: '{"a":1}\n' }]))),
  odd("json", "a zip that is cut", zipOf([{ name: "a.json", content: '{"a":1}\n' }]).subarray(0, -10)),
  odd("json", "a zip whose member climbs out", zipOf([{ name: "../../a.json", content: '{"a":1}\n' }])),
  odd("json", "an empty zip", zipOf([])),
  odd(
    "csv",
    "a zip of CSV files with headers of their own",
    zipOf([
      { name: "a.csv", content: "a,b\n1,2\n" },
      { name: "b.csv", content: "b,a\n3,4\n" },
    ]),
  ),
  odd("xml", "records with attributes, text and children", '<l><r id="1">x<c>2</c></r><r id="2"/></l>', rows),
  odd(
    "xml",
    "a child that is single once and repeated once",
    "<l><r><c>1</c></r><r><c>2</c><c>3</c></r></l>",
    rows,
  ),
  odd("xml", "not well-formed behind a record", "<l><r><c>1</c></r><r><c>2</r></l>", rows),
  odd(
    "xml",
    "an entity bomb",
    '<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><l><r><c>&b;</c></r></l>',
    rows,
  ),
  odd(
    "xml",
    "an external entity",
    '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l><r><c>&x;</c></r></l>',
    rows,
  ),
  odd("xml", "no record at all", "<l><x/></l>", rows),
  odd("xml", "0 bytes", "", rows),
  odd(
    "xml",
    "CDATA, comments and entities",
    "<l><r><!-- c --><c><![CDATA[<&>]]></c><d>&lt;&#233;&amp;</d></r></l>",
    rows,
  ),
  odd(
    "xml",
    "Latin-1 by its declaration",
    Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><l><r><c>\xe9</c></r></l>', "latin1"),
    rows,
  ),
  odd(
    "xml",
    "the byte 0x80 in Latin-1 and in windows-1252",
    zipOf(
      ["ISO-8859-1", "windows-1252"].map((encoding) => ({
        name: `${encoding}.xml`,
        content: Buffer.from(`<?xml version="1.0" encoding="${encoding}"?><r><c>\x80</c></r>`, "latin1"),
      })),
    ),
    rows,
  ),
  odd("text", "lines of all ends", "a\nb\r\nc\rd"),
  odd("text", "an empty file", ""),
  odd("text", "empty lines are rows", "\n\nx\n"),
  odd("text", "numbers stay text", "1\n2.50\ntrue\n"),
  odd("text", "invalid UTF-8", Buffer.from("ok\n\xff\n", "latin1")),
  odd("avro", "no Avro", "Obj\x01 nothing"),
  odd("avro", "0 bytes", ""),
  odd("parquet", "no Parquet", "PAR1 nothing PAR1"),
  odd("parquet", "0 bytes", ""),
  odd("parquet", "a zip with a member that is no Parquet", zipOf([{ name: "readme.txt", content: "hello" }])),
  odd("parquet", "gzip that is cut", gzipOf("PAR1").subarray(0, -5)),
  odd(
    "avro",
    "times of day",
    avroFile(
      {
        type: "record",
        name: "R",
        fields: [{ name: "at", type: { type: "int", logicalType: "time-millis" } }],
      },
      { rows: [[{ at: 3_723_004 }, { at: 0 }]] },
    ),
  ),
  odd("avro", "a tar with an empty member", tarOf([{ name: "a.avro", content: "" }])),
  odd("parquet", "a footer that is longer than the file", Buffer.from("PAR1\xff\xff\x00\x00PAR1", "latin1")),
];
