import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MALFORMED_REASONS, MALFORMED_SENTENCES, recordPlaces, RecordListWriter } from "./record-list.ts";

test("places come back as they were pushed, offsets beyond 32 bits included", () => {
  const step = fc.record(
    {
      gap: fc.oneof(fc.nat(300), fc.nat(2 ** 31), fc.constant(2 ** 45)),
      length: fc.oneof(fc.nat(300), fc.nat(2 ** 31)),
      skipped: fc.nat(1000),
      code: fc.nat(MALFORMED_REASONS.length - 1),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const writer = new RecordListWriter();
      let end = 0;
      let ordinal = -1;
      const places = steps.map(({ gap, length, skipped, code }) => {
        const offset = end + gap;
        ordinal += skipped + 1;
        end = offset + length;
        writer.push(offset, length, ordinal, code);
        return { offset, length, ordinal, code };
      });
      const list = structuredClone(writer.finish());
      assert.equal(list.count, steps.length);
      assert.deepEqual([...recordPlaces(list)], places);
    }),
  );
});

test("a million short records take a few bytes each", () => {
  const writer = new RecordListWriter();
  for (let i = 0; i < 1_000_000; i++) writer.push(i * 2, 1, i, 5);
  assert.ok(writer.finish().bytes.length <= 4_000_000);
});

test("every reason has a sentence", () => {
  for (const reason of MALFORMED_REASONS) assert.notEqual(MALFORMED_SENTENCES[reason], "");
});
