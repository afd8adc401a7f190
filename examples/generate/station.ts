/** A weather station's day as CSV: a header, quoted fields, a missing value, and a decimal comma where a clerk typed it. */
import { type ExampleFile, exampleFile } from "./example-file.ts";
import { seededRandom } from "./random.ts";

/** The type that the decimal comma breaks. */
export const STATION_HINTS = "observed_at TIMESTAMP, temperature_c DOUBLE";

const HEADER = "station,observed_at,temperature_c,humidity_pct,rain_mm,remark";
const ROWS = 288;
const MISSING_VALUE_ROW = 77;
const DECIMAL_COMMA_ROW = 133;

export function stationFile(): ExampleFile {
  const random = seededRandom(20_260_301);
  const begun = Date.parse("2026-03-01T00:00:00Z");
  const lines = Array.from({ length: ROWS }, (_, index) => {
    const at = new Date(begun + index * 300_000).toISOString().replace(".000Z", "Z");
    const degrees = 6 + 5 * Math.sin((index / ROWS) * 2 * Math.PI - 2) + random.between(-0.4, 0.4, 1);
    const rain = random.next() < 0.1 ? random.between(0.1, 4, 1) : 0;
    const remark = random.pick(["", "", "", "", '"calm, clear"', '"gusts from ""north"""', "fog"]);
    const humidity = random.between(55, 98, 0);
    return [
      "ZH-014",
      at,
      index === DECIMAL_COMMA_ROW ? '"4,5"' : degrees.toFixed(1),
      index === MISSING_VALUE_ROW ? "" : humidity,
      rain.toFixed(1),
      remark,
    ].join(",");
  });
  const bytes = Buffer.from(`${[HEADER, ...lines].join("\n")}\n`);
  return exampleFile("station/zh-014-2026-03-01.csv", bytes, { records: ROWS, rescued: 1 });
}
