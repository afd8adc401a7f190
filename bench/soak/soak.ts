/**
 * `npm run soak -- [--minutes 20] [--rate 5] [--seed 1] [--no-archive] [--keep FOLDER]`: a pipeline under steady load, and whether anything of
 * it grows. Linux only. Exit code 1 where something grows past its bound, or a row is lost.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { formatBytes, formatCount } from "../../src/base/units.ts";
import type { Growth, Sample } from "./judge-growth.ts";
import { runSoak } from "./run-soak.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "20" },
    rate: { type: "string", default: "5" },
    seed: { type: "string", default: "1" },
    "no-archive": { type: "boolean", default: false },
    keep: { type: "string" },
  },
});
if (!existsSync("/proc/self/status")) throw new Error("the soak reads /proc, which only Linux has");

const folder = values.keep ?? mkdtempSync(join(tmpdir(), "landfall-soak-"));
mkdirSync(folder, { recursive: true });
const seconds = Number(values.minutes) * 60;
try {
  const result = await runSoak({
    folder,
    seconds,
    rate: Number(values.rate),
    sampleSeconds: Math.max(1, Math.min(10, seconds / 120)),
    seed: Number(values.seed),
    archive: !values["no-archive"],
    logSeconds: Math.max(5, seconds / 10),
    onSample: tell,
  });
  const { files, rows } = result.landed;
  console.log(
    `\n${formatCount(files)} files, ${formatCount(rows)} rows landed; ${formatCount(result.committedRows)} rows in the table, ${formatCount(result.compactions)} compactions; verify --data: ${result.verify.verdict}`,
  );
  for (const growth of result.growths) console.log(lineOf(growth));
  for (const fault of result.faults) console.log(`✘ ${fault}`);
  const grows = result.growths.filter(({ held }) => !held);
  console.log(grows.length === 0 ? "flat" : `grows: ${grows.map(({ measure }) => measure.name).join(", ")}`);
  if (grows.length > 0 || result.faults.length > 0) process.exitCode = 1;
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
}

function tell({ seconds: at, landed, values: now }: Sample): void {
  const parts = Object.entries(now).map(
    ([name, value]) => `${name} ${/memory|bytes/.test(name) ? formatBytes(value) : formatCount(value)}`,
  );
  console.log(`${at.toFixed(0).padStart(5)} s  ${formatCount(landed)} files  ${parts.join("  ")}`);
}

function lineOf({ measure, first, last, highest, rise, allowed, held }: Growth): string {
  const text = (value: number): string =>
    measure.unit === "bytes" ? formatBytes(Math.max(0, Math.round(value))) : value.toFixed(1);
  const per = measure.bound === "perFile" ? " a file" : "";
  return `${held ? "✔" : "✘"} ${measure.name.padEnd(17)} ${text(first)} → ${text(last)}, at most ${text(highest)}; second half rises ${text(rise)}${per}, allowed ${text(allowed)}${per}`;
}
