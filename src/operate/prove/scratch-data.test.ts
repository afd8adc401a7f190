import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OWN_DATA, readScratch, scratchFile, scratchKey, type ScratchData } from "./scratch-data.ts";
import { seededRandom } from "./seeded-random.ts";

const CSV: ScratchData = { ...OWN_DATA, format: "csv", ending: ".csv", inFolders: false, idColumn: "name" };

test("what a scratch file holds is read back from it: every id once, in order, and its broken record apart", () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(OWN_DATA, CSV),
      (seed, broken, late, data) => {
        const text = scratchFile(data, seededRandom(seed), { name: "f", broken, late }).toString();
        const { ids, brokenLines } = readScratch(data, text);
        assert.ok(ids.length >= 3);
        assert.deepEqual(
          ids,
          ids.map((_id, index) => `f#${index}`),
        );
        assert.equal(brokenLines, broken ? 1 : 0);
        assert.equal(text.includes(data.lateKey), late);
      },
    ),
  );
});

test("rows that continue a file follow those before them, under its header", () => {
  for (const data of [OWN_DATA, CSV]) {
    const random = seededRandom(3);
    const first = scratchFile(data, random, { name: "a", broken: false });
    const more = scratchFile(data, random, { name: "b", broken: false, continued: true });
    const { ids } = readScratch(data, Buffer.concat([first, more]).toString());
    assert.deepEqual([...new Set(ids.map((id) => id[0]))], ["a", "b"]);
    assert.deepEqual(ids, [...new Set(ids)]);
  }
});

test("without folders the keys of one wave stay apart", () => {
  assert.equal(scratchKey(OWN_DATA, "north/berth-1/", "a2"), "north/berth-1/a2.ndjson");
  assert.equal(scratchKey(CSV, "north/berth-1/", "a2"), "north-berth-1-a2.csv");
});
