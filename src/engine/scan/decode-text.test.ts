import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../../base/landfall-error.ts";
import { textEncoding } from "../../formats/text-encoding.ts";
import { decoding } from "./decode-text.ts";

interface Seen {
  readonly text: string;
  readonly isDecoded: boolean;
  readonly isStored: boolean | undefined;
}

function read(bytes: Buffer, encoding: string, chunk = 1_000_000): Seen {
  const pieces: Buffer[] = [];
  let stored: boolean | undefined;
  const scan = decoding(
    {
      feed(piece, isStored) {
        pieces.push(Buffer.from(piece));
        stored = isStored;
      },
      finish: () => ({}),
    },
    { encoding: textEncoding(encoding)!, name: "f" },
  );
  for (let at = 0; at < bytes.length; at += chunk) {
    const fed = Buffer.from(bytes.subarray(at, at + chunk));
    scan.feed(fed, true);
    fed.fill(0);
  }
  const { isDecoded } = scan.finish();
  return { text: Buffer.concat(pieces).toString(), isDecoded, isStored: stored };
}

function fault(bytes: Buffer, encoding: string): string {
  for (const chunk of [1, 3, 1_000_000]) {
    try {
      read(bytes, encoding, chunk);
    } catch (error) {
      assert.ok(isLandfallError(error, "FILE_DAMAGED"), String(error));
      if (chunk === 1_000_000) return error.message;
      continue;
    }
    return "none";
  }
  return "none";
}

const little = (text: string): Buffer => Buffer.from(text, "utf16le");
const big = (text: string): Buffer => little(text).swap16();

test("UTF-16 of both orders, marked or stated, gives its text whatever the chunks", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 60 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 7 }), (content, chunk) => {
      const marked = `\uFEFF${content}`;
      for (const label of ["UTF-8", "utf-16"]) {
        assert.equal(read(little(marked), label, chunk).text, content);
        assert.equal(read(big(marked), label, chunk).text, content);
      }
      // A text's own first character may be the mark.
      if (content.startsWith("\uFEFF")) return;
      assert.equal(read(little(content), "UTF-16LE", chunk).text, content);
      assert.equal(read(big(content), "UTF-16BE", chunk).text, content);
    }),
  );
});

test("UTF-8 passes byte by byte as it is, mark and mistakes included", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.integer({ min: 1, max: 5 }), (bytes, chunk) => {
      const content = Buffer.concat([Buffer.from("\uFEFFx"), bytes]);
      const seen = read(content, "utf8", chunk);
      assert.deepEqual(seen, { text: content.toString(), isDecoded: false, isStored: true });
    }),
  );
  assert.deepEqual(read(Buffer.alloc(0), "UTF-8"), { text: "", isDecoded: false, isStored: undefined });
});

test("one-byte and multi-byte encodings are read by their name, in any chunks", () => {
  for (const chunk of [1, 2, 100]) {
    assert.equal(read(Buffer.from([0x41, 0xe9, 0x80]), "windows-1252", chunk).text, "Aé€");
    assert.equal(read(Buffer.from([0x41, 0xe9, 0x80]), "ISO-8859-1", chunk).text, "Aé\u0080");
    assert.equal(read(Buffer.from([0x41, 0xfe, 0x80]), "ISO-8859-9", chunk).text, "Aş\u0080");
    assert.equal(read(Buffer.from([0x41, 0xa1, 0x80]), "TIS-620", chunk).text, "Aก\u0080");
    assert.equal(read(Buffer.from([0x82, 0xa0, 0x41]), "shift_jis", chunk).text, "あA");
    assert.equal(read(Buffer.from([0xcf, 0xf0]), "windows-1251", chunk).text, "Пр");
  }
  assert.deepEqual(read(Buffer.from("a"), "latin1").isStored, false);
});

test("bytes that the encoding does not have are damage, never a replacement", () => {
  assert.match(fault(little("\uFEFFab").subarray(0, -1), "UTF-8"), /no utf-16le/);
  assert.match(fault(little("\uFEFFa\ud800b"), "UTF-8"), /no utf-16le/);
  assert.match(fault(big("a\udc00"), "utf-16be"), /no utf-16be/);
  assert.match(fault(Buffer.from([0x82]), "shift_jis"), /no shift_jis/);
  assert.match(fault(Buffer.from([0xff]), "ISO-8859-11"), /no iso-8859-11/);
  assert.match(fault(little("ab"), "UTF-16"), /without a byte order mark/);
});
