import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../examples/generate/random.ts";
import { type FoundRow, PLANTED, plantedFaults, withPlanted } from "./planted.ts";
import { telemetryRow } from "./telemetry.ts";

function fileOf(rows: number): Buffer {
  const random = seededRandom(1);
  return Buffer.from(Array.from({ length: rows }, (_, i) => `${telemetryRow(random, i)}\n`).join(""));
}

for (const rows of [1, 2, 100]) {
  test(`a file of ${rows} row(s) gets each planted value into one row, as the literal it is, and stays JSON`, () => {
    const before = fileOf(rows);
    for (const value of PLANTED) {
      const lines = withPlanted(before, value).toString("utf8").trimEnd().split("\n");
      assert.equal(lines.length, rows);
      const planted = lines.filter((line) => line.includes(`"${value.column}":${value.literal}`));
      assert.equal(planted.length, 1);
      assert.equal((JSON.parse(planted[0]!) as { id: string }).id, value.id);
      const others = before.toString("utf8").trimEnd().split("\n");
      assert.equal(lines.filter((line) => others.includes(line)).length, rows - 1);
    }
  });
}

const LATE: FoundRow = { id: "planted-late-key", values: { recall: "late", odo_m: "5" }, rescued: null };
const DIGITS = "123456789012345678901234567890";

function numbers(digits: Omit<FoundRow, "id">, half: Omit<FoundRow, "id">): FoundRow[] {
  return [LATE, { id: "planted-30-digits", ...digits }, { id: "planted-1.5", ...half }];
}

test("a value that stands exactly in its column, or in the rescued data, is no fault", () => {
  const found = numbers(
    { values: { odo_m: null }, rescued: `{"odo_m":${DIGITS},"_file_path":"x"}` },
    { values: { odo_m: "1.5" }, rescued: null },
  );
  assert.deepEqual(plantedFaults(found, { hintedBigint: false }), []);
});

test("a rounded number, a number of fewer digits and a lost row are faults", () => {
  const found = numbers(
    { values: { odo_m: "123456789012345677877719597056" }, rescued: null },
    { values: { odo_m: "2" }, rescued: null },
  );
  assert.equal(plantedFaults(found, { hintedBigint: false }).length, 2);
  assert.deepEqual(
    plantedFaults([], { hintedBigint: false }).map((fault) => fault.split(" ")[0]),
    PLANTED.map((value) => value.id),
  );
});

test("a row that is there twice is a fault", () => {
  const found = numbers(
    { values: { odo_m: DIGITS }, rescued: null },
    { values: { odo_m: "1.5" }, rescued: null },
  );
  assert.deepEqual(plantedFaults([...found, LATE], { hintedBigint: false }), [
    "planted-late-key is there 2 times",
  ]);
});

test("with the column hinted BIGINT both numbers must be rescued, and the column must be null", () => {
  const rescued = (literal: string): Omit<FoundRow, "id"> => ({
    values: { odo_m: null },
    rescued: `{"odo_m":${literal}}`,
  });
  assert.deepEqual(plantedFaults(numbers(rescued(DIGITS), rescued("1.5")), { hintedBigint: true }), []);
  const inColumn = numbers({ values: { odo_m: DIGITS }, rescued: null }, rescued("1.5"));
  assert.equal(plantedFaults(inColumn, { hintedBigint: true }).length, 1);
  const both = numbers({ ...rescued(DIGITS), values: { odo_m: "1" } }, rescued("1.5"));
  assert.equal(plantedFaults(both, { hintedBigint: true }).length, 1);
});
