import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { copyWithoutZones, FooterFaultError, instantFlags } from "./instants-in-nanoseconds.ts";

/** A logical type TIMESTAMP in field 10 of a column: `flag` 0x11 (true) or 0x12, `unit` 0x1c, 0x2c or 0x3c for MILLIS, MICROS, NANOS. */
function column(flag: number, unit: number): number[] {
  // num_children's field 5 as i32, then a field 10 five further on; inside, field 8 of the union.
  return [0x55, 0x00, 0x5c, 0x8c, flag, 0x1c, unit, 0, 0, 0, 0, 0];
}

/** FileMetaData: version as i32, then the schema as a list of structs. */
function footer(columns: readonly number[][]): Buffer {
  return Buffer.from([0x15, 0x04, 0x19, (columns.length << 4) | 0x0c, ...columns.flat(), 0]);
}

test("only columns that are instants and in nanoseconds are found, each by its very byte", () => {
  const units = [0x1c, 0x2c, 0x3c];
  const columns = [0x11, 0x12].flatMap((flag) => units.map((unit) => column(flag, unit)));
  const bytes = footer(columns);
  const flags = instantFlags(bytes);
  assert.equal(flags.length, 1);
  assert.deepEqual([...bytes.subarray(flags[0], flags[0]! + 3)], [0x11, 0x1c, 0x3c]);
});

test("bytes that are no footer end in a fault or in nothing, whatever they are", () => {
  const good = footer([column(0x11, 0x3c), column(0x11, 0x3c)]);
  const changed = fc
    .tuple(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length))
    .map(([at, byte, length]) => {
      const bytes = Buffer.from(good);
      bytes[at] = byte;
      return bytes.subarray(0, length);
    });
  const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(changed, any), (bytes) => {
      try {
        for (const at of instantFlags(bytes)) assert.equal(bytes[at]! & 0x0f, 1);
      } catch (error) {
        assert.ok(error instanceof FooterFaultError);
      }
    }),
    { numRuns: 2000 },
  );
});

test("a struct in a struct without end, and a list of a thousand million, are faults and not waited for", () => {
  assert.throws(() => instantFlags(Buffer.alloc(100_000, 0x1c)), FooterFaultError);
  assert.throws(
    () => instantFlags(Buffer.from([0x19, 0xf3, 0xff, 0xff, 0xff, 0xff, 0x03])),
    FooterFaultError,
  );
});

test("a file that is too short for a footer is a fault", async (t) => {
  const folder = temporaryFolder(t);
  for (const content of ["", "PAR1", "PAR1\u007f\u007f\u007f\u007fPAR1"]) {
    const from = join(folder, "short.parquet");
    writeFileSync(from, content);
    await assert.rejects(copyWithoutZones({ from, to: join(folder, "copy") }), FooterFaultError);
  }
});
