import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clockText, dayText, readClock, readDay } from "./calendar-text.ts";

const day = fc.integer({ min: -719_162, max: 2_932_896 });
const micros = fc.bigInt({ min: -719_162n * 86_400_000_000n, max: 2_932_897n * 86_400_000_000n - 1n });

test("days and instants come back from their text, which JavaScript's own Date reads alike", () => {
  fc.assert(
    fc.property(day, micros, (days, instant) => {
      const dayWritten = dayText(days)!;
      assert.equal(readDay(dayWritten), days);
      assert.equal(Date.parse(dayWritten), days * 86_400_000);
      const written = clockText(instant)!;
      assert.match(written, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
      assert.equal(readClock(written), instant);
      const millis = instant / 1000n - (instant % 1000n < 0n ? 1n : 0n);
      assert.equal(Date.parse(`${written}Z`), Number(millis));
    }),
    { numRuns: 1000 },
  );
});

test("a fraction of fewer digits, or none, is the same instant", () => {
  assert.equal(readClock("1970-01-01T00:00:01.5"), 1_500_000n);
  assert.equal(readClock("1970-01-01T00:00:01"), 1_000_000n);
  assert.equal(readClock("1969-12-31T23:59:59.999999"), -1n);
});

test("days outside of the years 1 to 9999 have no text", () => {
  for (const days of [-719_163, 2_932_897, NaN, Infinity, -2_147_483_647])
    assert.equal(dayText(days), undefined);
  for (const instant of [-719_162n * 86_400_000_000n - 1n, 2n ** 63n - 1n, -(2n ** 63n)])
    assert.equal(clockText(instant), undefined);
});

for (const text of [
  "",
  "2026-1-31",
  "2026-02-29",
  "2026-13-01",
  "2026-00-01",
  "0000-01-01",
  "10000-01-01",
  "-001-01-01",
  "2026-01-31 ",
  "today",
])
  test(`${JSON.stringify(text)} is no day`, () => assert.equal(readDay(text), undefined));

for (const clock of [
  "24:00:00",
  "00:60:00",
  "00:00:60",
  "1:00:00",
  "00:00",
  "00:00:00.",
  "00:00:00.1234567",
  "00:00:00Z",
  "00:00:00+01:00",
])
  test(`${clock} is no time of a day`, () => assert.equal(readClock(`2026-01-31T${clock}`), undefined));

test("a time of no day, or not parted by T, is none", () => {
  assert.equal(readClock("2026-02-30T00:00:00"), undefined);
  assert.equal(readClock("2026-01-31 00:00:00"), undefined);
});
