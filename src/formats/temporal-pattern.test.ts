import assert from "node:assert/strict";
import { test } from "node:test";
import { temporalAlternatives, temporalPatternFault } from "./temporal-pattern.ts";

const good: readonly (readonly ["date" | "timestamp", string])[] = [
  ["date", "yyyy-MM-dd"],
  ["date", "d.M.yy"],
  ["date", "uuuuMMdd"],
  ["date", "'on' dd/MM/yyyy"],
  ["timestamp", "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]"],
  ["timestamp", "dd.MM.yyyy HH:mm"],
  ["timestamp", "yyyyMMddHHmmssSSSSSSSSSX"],
  ["timestamp", "dd/MM/yyyy"],
  ["timestamp", "yyyy年MM月dd日 H''mm"],
];

test("patterns of digits, literal text, zones and optional parts are taken", () => {
  for (const [kind, text] of good) assert.equal(temporalPatternFault({ kind, text }), undefined, text);
});

const bad: readonly (readonly ["date" | "timestamp", string, RegExp])[] = [
  ["date", "dd MMM yyyy", /holds MMM, which is not read; known are yyyy/],
  ["date", "EEE dd.MM.yyyy", /holds EEE/],
  ["timestamp", "MM/dd/yyyy hh:mm a", /holds hh/],
  ["timestamp", "yyyy-MM-dd HH:mm z", /holds z,/],
  ["date", "y-MM-dd", /a year is yyyy or yy/],
  ["date", "yyyyy-MM-dd", /a year is yyyy or yy/],
  ["date", "yyyy-MM", /must name year, month and day/],
  ["date", "[yyyy-]MM-dd", /must name year, month and day outside/],
  ["date", "", /must name year, month and day/],
  ["date", "yyyy-MM-dd HH", /must name a day only, not the hour/],
  ["date", "yyyy-MM-dd yyyy", /the year twice/],
  ["timestamp", "yyyy-MM-dd mm", /without the greater ones/],
  ["timestamp", "yyyy-MM-dd HH[:mm]:ss", /without the greater ones/],
  ["date", "dMyyyy", /right behind/],
  ["date", "yyyy-MM-dd'", /quoted text that is never closed/],
  ["date", "yyyy-MM-dd[", /never closed/],
  ["date", "yyyy-MM-dd]", /not open/],
  ["timestamp", "yyyy-MM-dd[ HH[:mm]]", /inside another/],
  ["timestamp", "yyyy-MM-dd[ HH][1][2][3][4]", /at most 4 optional/],
  ["date", "yyyy#MM#dd", /holds #, which Spark keeps/],
];

test("other patterns are refused by what is wrong with them", () => {
  for (const [kind, text, message] of bad)
    assert.match(temporalPatternFault({ kind, text }) ?? "", message, text);
});

test("optional parts are tried from the longest way to the shortest", () => {
  const lengths = temporalAlternatives("yyyy-MM-dd[ HH][XXX]").map((tokens) => tokens.length);
  assert.deepEqual(lengths, [8, 7, 6, 5]);
});
