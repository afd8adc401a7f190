import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../../base/landfall-error.ts";
import { textEncoding } from "../../formats/text-encoding.ts";
import { Utf8Writer } from "./utf8-writer.ts";

function decode(pieces: readonly Buffer[], encoding: string): { text: Buffer; transcodes: boolean } {
  const written: Buffer[] = [];
  const writer = new Utf8Writer({ encoding, file: "f", write: (bytes) => written.push(Buffer.from(bytes)) });
  for (const piece of pieces) {
    // A chunk is overwritten once it has been taken.
    const chunk = Buffer.from(piece);
    writer.feed(chunk);
    chunk.fill(0x41);
  }
  writer.finish();
  return { text: Buffer.concat(written), transcodes: writer.transcodes };
}

function utf16be(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}

const BOM = "\ufeff";
const TEXT = "a,é中😀\r\n";

const readings: readonly (readonly [name: string, bytes: Buffer, encoding: string, text: string])[] = [
  ["UTF-8", Buffer.from(TEXT), "utf-8", TEXT],
  ["UTF-8 with its mark, which is left to the reader", Buffer.from(BOM + TEXT), "utf-8", BOM + TEXT],
  ["UTF-16LE without a mark", Buffer.from(TEXT, "utf16le"), "utf-16le", TEXT],
  ["UTF-16BE without a mark", utf16be(TEXT), "utf-16be", TEXT],
  ["UTF-16LE by its mark alone", Buffer.from(BOM + TEXT, "utf16le"), "utf-8", TEXT],
  ["UTF-16BE by its mark alone", utf16be(BOM + TEXT), "utf-8", TEXT],
  ["UTF-16 by its mark", utf16be(BOM + TEXT), "utf-16", TEXT],
  ["a mark against the stated order", utf16be(BOM + TEXT), "utf-16le", TEXT],
  ["UTF-8 by its mark against the stated encoding", Buffer.from(BOM + TEXT), "windows-1252", BOM + TEXT],
  [
    "ISO-8859-1 with its control characters",
    Buffer.from([0x61, 0x80, 0xe9, 0xff]),
    "iso-8859-1",
    "a\u0080éÿ",
  ],
  ["windows-1252", Buffer.from([0x61, 0x80, 0x92, 0xe9]), "windows-1252", "a€’é"],
  ["Shift_JIS", Buffer.from([0x93, 0xfa, 0x96, 0x7b]), "shift_jis", "日本"],
  ["a second mark, which is text", Buffer.from(BOM + BOM, "utf16le"), "utf-8", BOM],
  ["nothing", Buffer.alloc(0), "utf-16", ""],
  ["one byte", Buffer.from("a"), "utf-8", "a"],
];

for (const [name, bytes, encoding, text] of readings) {
  test(`reads ${name}, in one piece and byte by byte`, () => {
    assert.equal(decode([bytes], encoding).text.toString(), text);
    assert.equal(
      decode(
        [...bytes].map((byte) => Buffer.from([byte])),
        encoding,
      ).text.toString(),
      text,
    );
  });
}

test("UTF-8 goes through as it is, also where it is invalid", () => {
  const bytes = Buffer.from([0x61, 0xff, 0xc0]);
  assert.deepEqual(decode([bytes], "utf-8"), { text: bytes, transcodes: false });
  assert.equal(decode([Buffer.from("a", "utf16le")], "utf-16le").transcodes, true);
});

const damages: readonly (readonly [
  name: string,
  pieces: readonly Buffer[],
  encoding: string,
  message: RegExp,
])[] = [
  [
    "half of a surrogate pair",
    [Buffer.from("aa", "utf16le"), Buffer.from([0, 0xdc, 0x61, 0])],
    "utf-16le",
    /not utf-16le text: between its bytes 4 and 8/,
  ],
  [
    "an odd last byte",
    [Buffer.from("aaa", "utf16le").subarray(0, 5)],
    "utf-16le",
    /at its end, which is cut/,
  ],
  [
    "a surrogate pair that is cut",
    [Buffer.from("a😀", "utf16le").subarray(0, 4)],
    "utf-16le",
    /at its end, which is cut/,
  ],
  [
    "bytes that no character has",
    [Buffer.alloc(5000, "a"), Buffer.from([0xff, 0x61])],
    "shift_jis",
    /between its bytes 5000 and 5002/,
  ],
  ["UTF-16 that does not say which", [Buffer.from("ab", "utf16le")], "utf-16", /no byte order mark/],
];

for (const [name, pieces, encoding, message] of damages) {
  test(`${name} is told as damage with its place`, () => {
    assert.throws(
      () => decode(pieces, encoding),
      (error) => isLandfallError(error, "FILE_DAMAGED") && message.test(error.message),
    );
  });
}

test("any text in UTF-16 comes back, however its bytes are cut", () => {
  fc.assert(
    fc.property(
      fc
        .string({ unit: "binary", maxLength: 40 })
        .filter((text) => text.isWellFormed() && !text.startsWith(BOM)),
      fc.boolean(),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
      (text, isBig, isMarked, sizes) => {
        const whole = (isMarked ? BOM : "") + text;
        const bytes = isBig ? utf16be(whole) : Buffer.from(whole, "utf16le");
        const pieces: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; at += sizes[i++ % sizes.length]!)
          pieces.push(bytes.subarray(at, at + sizes[i % sizes.length]!));
        assert.equal(decode(pieces, isBig ? "utf-16be" : "utf-16le").text.toString(), text);
      },
    ),
  );
});

test("encodings go by the names of Java and of the WHATWG, in any case; others have none", () => {
  const names: readonly (readonly [string, string | undefined])[] = [
    ["UTF-8", "utf-8"],
    ["utf8", "utf-8"],
    ["US-ASCII", "utf-8"],
    ["UTF-16", "utf-16"],
    ["UTF_16LE", "utf-16le"],
    ["utf16be", "utf-16be"],
    ["ISO-8859-1", "iso-8859-1"],
    ["latin1", "iso-8859-1"],
    ["ISO8859_1", "iso-8859-1"],
    ["Cp1252", "windows-1252"],
    ["windows-1251", "windows-1251"],
    ["Shift_JIS", "shift_jis"],
    ["EUC_KR", "euc-kr"],
    ["UTF-32", undefined],
    ["klingon", undefined],
    ["", undefined],
  ];
  for (const [name, encoding] of names) assert.equal(textEncoding(name), encoding, name);
});
