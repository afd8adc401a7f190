import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Arrival } from "../../ledger/ledger.ts";
import { judgeRelocated, needsChecksum } from "./judge-relocated.ts";

const sizes = fc.integer({ min: 0, max: 3 });
const sums = fc.integer({ min: 0, max: 2 });
const times = fc.integer({ min: 0, max: 3 }).map(String);

const arrivals: fc.Arbitrary<Arrival> = fc
  .record({
    size: sizes,
    crc32: sums,
    modifiedNs: times,
    state: fc.constantFrom("committed", "archived", "quarantined", "skipped", "discovered", "forgotten"),
    rule: fc.constantFrom("gone", "baseline", "adopted", "touched"),
    isSummed: fc.boolean(),
  })
  .map(({ size, crc32, modifiedNs, state, rule, isSummed }) => ({
    key: "a",
    generation: `${size}-${modifiedNs}`,
    size,
    modifiedNs,
    state,
    discoveredAt: 0,
    vacated: false,
    ...(state === "skipped" ? { rule } : {}),
    ...(state === "skipped" && rule === "adopted" && isSummed
      ? { outcome: { bytes: size, crc32, read: 0, written: 0, rescued: 0, rejected: 0 } }
      : {}),
    ...(state === "committed" || state === "archived" || state === "quarantined"
      ? { outcome: { bytes: size, crc32, read: 1, written: 1, rescued: 0, rejected: 0 } }
      : {}),
  }));

test("only bytes that were read, or sizes that were left out, are kept from being read in the new place", () => {
  const found = fc.record({ size: sizes, crc32: sums, modifiedNs: times });
  fc.assert(
    fc.property(fc.array(arrivals, { maxLength: 4 }), found, (known, { size, crc32, modifiedNs }) => {
      const there = { key: "a", generation: `${size}-${modifiedNs}`, size, modifiedNs };
      const summed = needsChecksum(known, there);
      const judged = judgeRelocated({ known, found: there, crc32: summed ? crc32 : undefined });
      const read = known.filter(({ state }) => state === "committed" || state === "archived");
      const isKnown = known.some(({ generation }) => generation === there.generation);
      assert.equal(judged === "same", isKnown);
      if (isKnown) return;
      const adopted = known.filter(({ state, rule }) => state === "skipped" && rule === "adopted");
      const hasBytes = [...read, ...adopted].some(
        ({ outcome }) => outcome?.bytes === size && outcome.crc32 === crc32,
      );
      assert.equal(judged === "copied", hasBytes, "the checksum is asked for wherever it tells");
      if (judged === "alike")
        assert.ok(
          known.some(
            ({ state, rule, size: was, outcome }) =>
              state === "skipped" && rule !== "gone" && was === size && outcome === undefined,
          ),
        );
      if (judged === "alike") assert.ok(!read.some(({ outcome }) => outcome!.bytes === size));
      if (judged === "free") assert.equal(read.length, 0);
    }),
  );
});
