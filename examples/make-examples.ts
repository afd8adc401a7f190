/**
 * Writes `examples/files` and `examples/expected.json`: `node examples/make-examples.ts`. With `--check` it writes nothing,
 * names each file that differs from what it would write (the Parquet file by its rows) and exits with 1 if one does.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { ExampleFile, Planted } from "./generate/example-file.ts";
import { STATION_HINTS, stationFile } from "./generate/station.ts";
import { countTripDifferences, TRIP_COUNT, TRIPS_PATH, writeTrips } from "./generate/trips.ts";
import { VEHICLE_HINTS, vehicleFiles } from "./generate/vehicles.ts";

const EXPECTED = "expected.json";

/** What an ingest of each folder must count, added up from what was planted in its files. */
export function expectedCounts(files: readonly ExampleFile[]): string {
  const of = (folder: string): Record<string, Planted> =>
    Object.fromEntries(
      files.filter(({ path }) => path.startsWith(folder)).map(({ path, planted }) => [path, planted]),
    );
  const trips = { records: TRIP_COUNT, rejected: 0, rescued: 0, quarantined: false };
  const expected = {
    vehicles: folderCounts("json", VEHICLE_HINTS, of("vehicles/")),
    station: folderCounts("csv", STATION_HINTS, of("station/")),
    trips: folderCounts("parquet", "", { [TRIPS_PATH]: trips }),
  };
  return `${JSON.stringify(expected, null, 2)}\n`;
}

function folderCounts(format: string, hints: string, files: Readonly<Record<string, Planted>>): unknown {
  const planted = Object.values(files);
  const sum = (count: (of: Planted) => number): number => planted.reduce((total, of) => total + count(of), 0);
  return {
    format,
    hints,
    records: sum(({ records }) => records),
    written: sum(({ records, rejected }) => records - rejected),
    rejected: sum(({ rejected }) => rejected),
    rescuedRows: sum(({ rescued }) => rescued),
    filesCommitted: sum(({ quarantined }) => (quarantined ? 0 : 1)),
    filesQuarantined: sum(({ quarantined }) => (quarantined ? 1 : 0)),
    files,
  };
}

/** Writes everything below `folder`; what else lies in `files` there is removed. */
export async function writeExamples(folder: string): Promise<void> {
  const files = [...vehicleFiles(), stationFile()];
  rmSync(join(folder, "files"), { recursive: true, force: true });
  for (const { path, bytes } of files) {
    mkdirSync(dirname(join(folder, "files", path)), { recursive: true });
    writeFileSync(join(folder, "files", path), bytes);
  }
  mkdirSync(dirname(join(folder, "files", TRIPS_PATH)), { recursive: true });
  await writeTrips(join(folder, "files", TRIPS_PATH));
  writeFileSync(join(folder, EXPECTED), expectedCounts(files));
}

/** The paths below `folder` that are not as `writeExamples` would write them: changed, missing, or not its own. */
export async function findDifferences(folder: string): Promise<readonly string[]> {
  const files = [...vehicleFiles(), stationFile()];
  const wanted = new Map<string, Buffer>([
    ...files.map(({ path, bytes }) => [join("files", path), bytes] as const),
    [EXPECTED, Buffer.from(expectedCounts(files))],
  ]);
  const different = [...wanted].filter(([path, bytes]) => !sameBytes(join(folder, path), bytes));
  const trips = join("files", TRIPS_PATH);
  const tripsDiffer =
    !existsSync(join(folder, trips)) || (await countTripDifferences(join(folder, trips))) > 0;
  const found = readdirSync(join(folder, "files"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const strange = found.filter((path) => !wanted.has(path) && path !== trips);
  return [...different.map(([path]) => path), ...(tripsDiffer ? [trips] : []), ...strange].sort();
}

function sameBytes(path: string, bytes: Buffer): boolean {
  return existsSync(path) && readFileSync(path).equals(bytes);
}

if (import.meta.main) {
  if (process.argv.includes("--check")) {
    const different = await findDifferences(import.meta.dirname);
    for (const path of different) console.error(`not as generated: examples/${path}`);
    process.exitCode = different.length === 0 ? 0 : 1;
  } else {
    await writeExamples(import.meta.dirname);
  }
}
