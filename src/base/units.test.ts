import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes, formatCount, formatDuration, parseBytes, parseDuration } from "./units.ts";

test("sizes are read in powers of 1024, with or without a unit", () => {
  const sizes: Record<string, number> = {
    "10g": 10 * 1024 ** 3,
    "512 MB": 512 * 1024 ** 2,
    "1_000": 1000,
    "1.5k": 1536,
    "7b": 7,
    "2GiB": 2 * 1024 ** 3,
  };
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseBytes(text), bytes, text);
  for (const text of ["", "g", "10x", "-1", "1e3", "ten"]) assert.equal(parseBytes(text), undefined, text);
});

test("durations are read with a unit, or several", () => {
  const durations: Record<string, number> = {
    "30s": 30_000,
    "500 ms": 500,
    "1.5 h": 5_400_000,
    "1 day 12 hours": 129_600_000,
    "interval 7 days": 604_800_000,
    "2W": 1_209_600_000,
    "0s": 0,
  };
  for (const [text, milliseconds] of Object.entries(durations))
    assert.equal(parseDuration(text), milliseconds, text);
  for (const text of ["", "30", "s", "-1s", "1 month", "1 fortnight", "1e3s", "1 s x"])
    assert.equal(parseDuration(text), undefined, text);
});

test("numbers for people", () => {
  assert.deepEqual([0, 1023, 1536, 120 * 1024, 5 * 1024 ** 3].map(formatBytes), [
    "0 B",
    "1023 B",
    "1.5 KB",
    "120 KB",
    "5.0 GB",
  ]);
  assert.equal(formatCount(1234567), "1,234,567");
  assert.deepEqual([850, 12_300, 245_000].map(formatDuration), ["850 ms", "12.3 s", "4 min 05 s"]);
});
