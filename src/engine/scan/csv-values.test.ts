import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { csvOptions } from "../../../test/support/csv-scans.ts";
import { classesOf } from "../../schema/value-class.ts";
import { CsvValues } from "./csv-values.ts";
import { TemporalReader } from "./temporal-reader.ts";

/** What a text is read as: its ISO form with its class, or the class alone where it does not match. */
function readAs(kind: "date" | "timestamp", pattern: string, text: string): string {
  const reader = new TemporalReader({ kind, pattern });
  const buf = Buffer.from(`<${text}>1`);
  const [name] = classesOf(reader.read(buf, 1, buf.length - 2));
  return name === "STR" ? "STR" : `${name} ${reader.iso.toString("latin1", 0, reader.isoLength)}`;
}

const readings: readonly (readonly ["date" | "timestamp", string, string, string])[] = [
  ["date", "dd.MM.yyyy", "29.02.2024", "DATE 2024-02-29"],
  ["date", "dd.MM.yyyy", "29.02.2023", "STR"],
  ["date", "dd.MM.yyyy", "9.02.2024", "STR"],
  ["date", "dd.MM.yyyy", "29.02.2024 ", "STR"],
  ["date", "dd.MM.yyyy", "29.02.20245", "STR"],
  ["date", "dd.MM.yyyy", "29.02.202", "STR"],
  ["date", "dd.MM.yyyy", "2024-02-29", "STR"],
  ["date", "dd.MM.yyyy", "01.01.0000", "STR"],
  ["date", "d/M/yy", "1/2/24", "DATE 2024-02-01"],
  ["date", "d/M/yy", "31/12/99", "DATE 2099-12-31"],
  ["date", "d/M/yy", "031/12/99", "STR"],
  ["date", "yyyyMMdd", "20240131", "DATE 2024-01-31"],
  ["date", "yyyyMMdd", "20240132", "STR"],
  ["date", "yyyy年MM月dd日", "2024年01月31日", "DATE 2024-01-31"],
  ["date", "'d''y' dd.MM.yyyy", "d'y 05.01.2024", "DATE 2024-01-05"],
  ["timestamp", "dd.MM.yyyy HH:mm", "05.01.2024 23:59", "TS_LOCAL 2024-01-05T23:59:00"],
  ["timestamp", "dd.MM.yyyy HH:mm", "05.01.2024 24:00", "STR"],
  ["timestamp", "dd/MM/yyyy", "05/01/2024", "TS_LOCAL 2024-01-05T00:00:00"],
  ["timestamp", "yyyyMMddHHmmss", "20240105235958", "TS_LOCAL 2024-01-05T23:59:58"],
  [
    "timestamp",
    "yyyy-MM-dd HH:mm:ss.SSSSSS",
    "2024-01-05 01:02:03.000001",
    "TS_LOCAL 2024-01-05T01:02:03.000001",
  ],
  [
    "timestamp",
    "yyyy-MM-dd HH:mm:ss.SSSSSSSSS",
    "2024-01-05 01:02:03.000000001",
    "TS_NANO 2024-01-05T01:02:03.000000001",
  ],
  ["timestamp", "yyyy-MM-dd HH:mm:ss.SSS", "2024-01-05 01:02:03.1", "STR"],
  ["timestamp", "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", "2024-01-05T01:02:03", "TS_LOCAL 2024-01-05T01:02:03"],
  [
    "timestamp",
    "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]",
    "2024-01-05T01:02:03.250-05:30",
    "TS_ZONED 2024-01-05T01:02:03.250-05:30",
  ],
  ["timestamp", "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", "2024-01-05T01:02:03Z", "TS_ZONED 2024-01-05T01:02:03Z"],
  ["timestamp", "yyyy-MM-dd HH:mmXXX", "2024-01-05 01:02+0530", "STR"],
  ["timestamp", "yyyy-MM-dd HH:mmXX", "2024-01-05 01:02+0530", "TS_ZONED 2024-01-05T01:02:00+05:30"],
  ["timestamp", "yyyy-MM-dd HH:mmX", "2024-01-05 01:02-05", "TS_ZONED 2024-01-05T01:02:00-05:00"],
  ["timestamp", "yyyy-MM-dd HH:mmX", "2024-01-05 01:02+00", "TS_ZONED 2024-01-05T01:02:00Z"],
  ["timestamp", "yyyy-MM-dd HH:mmXXX", "2024-01-05 01:02+16:00", "STR"],
  ["timestamp", "yyyy-MM-dd HH:mmXXX", "2024-01-05 01:02+05:60", "STR"],
  ["timestamp", "yyyy-MM-dd HH:mmXXX", "2024-01-05 01:02", "STR"],
];

for (const [kind, pattern, text, expected] of readings) {
  test(`${text} under ${pattern} is ${expected}`, () => {
    assert.equal(readAs(kind, pattern, text), expected);
  });
}

test("every day that a pattern writes is read back as itself", () => {
  const day = fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });
  fc.assert(
    fc.property(day, (date) => {
      const iso = date.toISOString();
      const [year, month, rest] = [iso.slice(0, 4), iso.slice(5, 7), iso.slice(8, 10)];
      assert.equal(
        readAs("date", "d.M.yyyy", `${Number(rest)}.${Number(month)}.${year}`),
        `DATE ${iso.slice(0, 10)}`,
      );
      const text = `${rest}/${month}/${year} ${iso.slice(11, 23)}`;
      assert.equal(readAs("timestamp", "dd/MM/yyyy HH:mm:ss.SSS", text), `TS_LOCAL ${iso.slice(0, 23)}`);
    }),
  );
});

test("with a pattern stated, only what it matches is a date; numbers stay numbers where no column says otherwise", () => {
  const classOf = (written: Parameters<typeof csvOptions>[0], text: string): string => {
    const buf = Buffer.from(text);
    return classesOf(new CsvValues(csvOptions(written)).classOf(buf, 0, buf.length))[0]!;
  };
  const date = { dateFormat: "dd.MM.yyyy" };
  assert.equal(classOf(date, "31.01.2024"), "DATE");
  assert.equal(classOf(date, "2024-01-31"), "STR");
  assert.equal(classOf(date, "2024-01-31T00:00:00Z"), "TS_ZONED");
  assert.equal(classOf({ dateFormat: "yyyyMMdd" }, "20240131"), "INT32");
  const timestamp = { timestampFormat: "dd.MM.yyyy HH:mm" };
  assert.equal(classOf(timestamp, "31.01.2024 10:00"), "TS_LOCAL");
  assert.equal(classOf(timestamp, "2024-01-31T00:00:00Z"), "STR");
  assert.equal(classOf(timestamp, "2024-01-31"), "DATE");
  assert.equal(classOf({ ...date, ...timestamp }, "31.01.2024 10:00"), "TS_LOCAL");
  assert.equal(classOf({ ...date, ...timestamp }, "true"), "BOOL");
});

test("words for numbers that are none belong to floating columns only", () => {
  const values = new CsvValues(csvOptions({ nanValue: "n/a", positiveInf: "inf", negativeInf: "-inf" }));
  assert.deepEqual(
    values.specialsOf("double").map(({ word }) => word.toString()),
    ["n/a", "inf", "-inf"],
  );
  assert.equal(values.specialsOf("float").length, 3);
  assert.equal(values.specialsOf("decimal").length, 0);
});
