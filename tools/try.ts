/**
 * `npm run try`: Landfall as an enemy would use it. The hard cases (crashes, full disk, no permission, two copies at once, signals, and some
 * damaged tables: their suite's own number is for `.ci/run`), then a file of 5 GB and one of nothing. `--small` leaves the 5 GB out.
 */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ingest } from "../test/support/run-landfall.ts";

const ROW_COUNT = 17_000_000;

/** The name of the test tells the seed; LANDFALL_SEED repeats it. */
const DAMAGED_TABLES = "150";

const cases = globSync("test/hard-cases/*.test.ts");
const env = { LANDFALL_FUZZ_CASES: DAMAGED_TABLES, ...process.env };
const run = spawnSync(process.execPath, ["tools/test.ts", ...cases], { stdio: "inherit", env });
let failed = run.status !== 0;

const folder = mkdtempSync(join(tmpdir(), "landfall-try-"));
try {
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in", "zero.json"), "");
  if (!process.argv.includes("--small")) writeLarge(join(folder, "in", "large.json"));
  const wanted = process.argv.includes("--small") ? 0 : ROW_COUNT;
  const document = await ingest([join(folder, "in"), join(folder, "table")]);
  const again = await ingest([join(folder, "in"), join(folder, "table")]);
  console.log(
    `0 bytes and ${(document.bytes / 1e9).toFixed(1)} GB: ${document.rows.written} rows in ${document.seconds} s; again ${again.rows.written}`,
  );
  if (document.rows.written !== wanted || again.rows.written !== 0) failed = true;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(failed ? "something was not as it should be" : "all of it was as it should be");
process.exitCode = failed ? 1 : 0;

/** About 5 GB of rows that differ. */
function writeLarge(path: string): void {
  const handle = openSync(path, "wx");
  try {
    for (let first = 0; first < ROW_COUNT; first += 10_000) {
      let text = "";
      for (let i = first; i < first + 10_000; i++) text += rowOf(i);
      writeSync(handle, text);
    }
  } finally {
    closeSync(handle);
  }
}

function rowOf(i: number): string {
  return `{"event_id":"ev-${String(i).padStart(12, "0")}","vehicle_id":"v${i % 5000}","event_name":"position","recorded_at":"2026-03-01T10:00:${String(i % 60).padStart(2, "0")}.000Z","odometer_km":${i / 10},"speed_kmh":${i % 200},"charging":${i % 3 === 0},"battery":{"soc":${(i % 1000) / 10},"voltage":401.25,"temp_c":21.5},"location":{"lat":47.5,"lon":8.25},"tags":["eco","fleet"],"cycles":${i % 999},"heading":${i % 360}}\n`;
}
