import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { varint } from "../../../test/support/avro-file.ts";
import { AvroCursor } from "./avro-cursor.ts";
import { dateText, decimalText, timestampText } from "./avro-values.ts";

test("every 64-bit integer is read as it was written, whichever way it is held", () => {
  const bounds = Array.from({ length: 65 }, (_, bits) => 1n << BigInt(bits)).flatMap((n) => [
    n - 1n,
    n,
    n + 1n,
  ]);
  const values = bounds.flatMap((n) => [BigInt.asIntN(64, n), BigInt.asIntN(64, -n)]);
  for (const value of values) {
    const cursor = new AvroCursor(varint(value));
    assert.equal(BigInt(cursor.long()), value);
    assert.equal(cursor.left, 0);
  }
  fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), (value) => {
      assert.equal(BigInt(new AvroCursor(varint(value)).long()), value);
    }),
  );
});

test("an instant is the same text as a number and as a BigInt, and comes back", () => {
  // Of the years that a date's text can say.
  const least = Date.parse("0001-01-01T00:00:00Z") * 1000;
  const most = Date.parse("9999-12-31T23:59:59.999Z") * 1000;
  fc.assert(
    fc.property(
      fc.maxSafeInteger().filter((n) => n >= least && n <= most),
      (micros) => {
        const text = timestampText(micros, "Z");
        assert.equal(timestampText(BigInt(micros), "Z"), text);
        const [, second, fraction] = /^"(.{19})\.(\d{6})Z"$/.exec(text)!;
        const seconds = BigInt(Date.parse(`${second!.replace(" ", "T")}Z`)) * 1000n;
        assert.equal(seconds + BigInt(fraction!), BigInt(micros));
      },
    ),
  );
});

test("days before year 1 and behind 9999 are written as the engine reads them", () => {
  assert.equal(dateText(-1), '"1969-12-31"');
  assert.equal(dateText(-719_162), '"0001-01-01"');
  assert.equal(dateText(-719_163), '"0001-12-31 (BC)"');
  assert.equal(dateText(2_932_897), '"10000-01-01"');
  assert.equal(timestampText(-62_135_596_800_000_001n, ""), '"0001-12-31 (BC) 23:59:59.999999"');
  assert.throws(() => dateText(2 ** 31 - 1), /271,821 years/);
});

test("decimals have all their digits, and none beyond their type", () => {
  const type = { precision: 20, scale: 2 };
  assert.equal(decimalText(Buffer.alloc(0), type), '"0.00"');
  assert.equal(decimalText(Buffer.from([0xff]), type), '"-0.01"');
  assert.equal(decimalText(Buffer.from([0x01, 0, 0, 0, 0, 0, 0]), type), '"2814749767106.56"');
  assert.equal(decimalText(Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0]), type), '"-92233720368547758.08"');
  assert.equal(decimalText(Buffer.from([0x64]), { precision: 3, scale: 0 }), '"100"');
  assert.throws(() => decimalText(Buffer.from([0x64]), { precision: 2, scale: 0 }), /more digits/);
});
