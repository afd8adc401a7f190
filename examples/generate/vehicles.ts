/** Telemetry of a few cars, a file a car and day, as NDJSON: clean files, and the troubles that come with a real fleet. */
import { constants, gzipSync } from "node:zlib";

import { type ExampleFile, exampleFile } from "./example-file.ts";
import { type Random, seededRandom } from "./random.ts";

/** Types that the planted misfits break; without them one odd value would decide over its whole column. */
export const VEHICLE_HINTS = "recorded_at TIMESTAMP, odometer_km DOUBLE, charge_cycles BIGINT";

const ROWS = 240;

interface VehicleEvent {
  readonly event_id: string;
  readonly vehicle_id: string;
  readonly event_name: string;
  readonly recorded_at: string;
  readonly odometer_km: number;
  readonly charge_cycles: number;
  readonly battery: { readonly soc: number; readonly voltage: number; readonly temp_c: number };
  readonly location: { readonly lat: number; readonly lon: number };
  readonly tags: readonly string[];
}

/** One car's day: a position every half minute on the average. */
function drive(vehicle: number, day: string): VehicleEvent[] {
  const random = seededRandom(vehicle * 1_000 + Number(day.replaceAll("-", "")));
  const vehicleId = `v${String(vehicle).padStart(2, "0")}`;
  let at = Date.parse(`${day}T06:00:00.000Z`);
  let odometer = 12_000 + vehicle * 7_310 + random.between(0, 500, 1);
  let soc = random.between(60, 95, 1);
  let [lat, lon] = [47.4 + random.between(-0.2, 0.2, 5), 8.5 + random.between(-0.3, 0.3, 5)];
  return Array.from({ length: ROWS }, (_, index) => {
    at += Math.floor(random.between(5_000, 55_000, 0));
    odometer += random.between(0, 0.6, 1);
    soc = Math.max(8, soc - random.between(0, 0.25, 2));
    lat += random.between(-0.003, 0.003, 5);
    lon += random.between(-0.004, 0.004, 5);
    return {
      event_id: `${vehicleId}-${day.replaceAll("-", "")}-${String(index).padStart(4, "0")}`,
      vehicle_id: vehicleId,
      event_name: nameOf(index, random),
      recorded_at: new Date(at).toISOString(),
      odometer_km: Number(odometer.toFixed(1)),
      charge_cycles: 180 + vehicle * 3,
      battery: {
        soc: Number(soc.toFixed(1)),
        voltage: random.between(352, 398, 2),
        temp_c: random.between(14, 38, 1),
      },
      location: { lat: Number(lat.toFixed(5)), lon: Number(lon.toFixed(5)) },
      tags: tagsOf(random),
    };
  });
}

function nameOf(index: number, random: Random): string {
  if (index === 0) return "trip_started";
  if (index === ROWS - 1) return "trip_ended";
  return random.pick(["position", "position", "position", "position", "charging", "door_opened", "warning"]);
}

function tagsOf(random: Random): string[] {
  return ["fleet", "eco", "winter_tyres", "rental"].filter(() => random.next() < 0.3);
}

function ndjson(records: readonly unknown[]): Buffer {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}

/** One gzip member, the same on every machine: no time, no operating system, no match search that a CPU may do otherwise. */
function gzipMember(bytes: Buffer): Buffer {
  const member = gzipSync(bytes, { strategy: constants.Z_HUFFMAN_ONLY });
  const OPERATING_SYSTEM = 9;
  const UNKNOWN = 255;
  member[OPERATING_SYSTEM] = UNKNOWN;
  return member;
}

function cleanFile(vehicle: number, day: string): ExampleFile {
  return exampleFile(`vehicles/${day}/v0${vehicle}.ndjson`, ndjson(drive(vehicle, day)), { records: ROWS });
}

/** From noon on, the car's new software sends a column that was not there before. */
function newColumnFile(): ExampleFile {
  const random = seededRandom(42);
  const rows = drive(2, "2026-03-02").map((event, index) =>
    index < ROWS / 2 ? event : { ...event, charger_kw: random.between(3.7, 150, 1) },
  );
  return exampleFile("vehicles/2026-03-02/v02.ndjson", ndjson(rows), { records: ROWS });
}

/** Two members in one file, as `cat a.gz b.gz` makes it: both are to be read. */
function twoMembersFile(): ExampleFile {
  const rows = drive(5, "2026-03-02");
  const members = [rows.slice(0, ROWS / 2), rows.slice(ROWS / 2)].map((part) => gzipMember(ndjson(part)));
  return exampleFile("vehicles/2026-03-02/v05.ndjson.gz", Buffer.concat(members), { records: ROWS });
}

/** An upload that was cut off: the file cannot be read to its end. */
function truncatedFile(): ExampleFile {
  const whole = gzipMember(ndjson(drive(6, "2026-03-02")));
  const bytes = whole.subarray(0, Math.floor(whole.length * 0.6));
  return exampleFile("vehicles/2026-03-02/v06.ndjson.gz", bytes, { quarantined: true });
}

/** Two lines that are no JSON, two values that do not fit their columns, one key that no other row has. */
function troubledFile(): ExampleFile {
  const lines = drive(7, "2026-03-02").map((event) => JSON.stringify(event));
  const change = (index: number, edit: (line: string) => string): void => {
    const before = lines[index] ?? "";
    lines[index] = edit(before);
    if (lines[index] === before) throw new Error(`nothing planted in line ${index + 1}`);
  };
  // The logger lost power in the middle of a line, and once wrote over another.
  change(60, (line) => line.slice(0, 97));
  change(150, (line) => line.replace('"battery":{', '"battery":{{'));
  change(30, (line) => line.replace(/"odometer_km":[0-9.]+/, '"odometer_km":"n/a"'));
  change(90, (line) =>
    line.replace(/"charge_cycles":[0-9]+/, '"charge_cycles":201201201201201201201201201201'),
  );
  change(200, (line) => line.replace(/\}$/, ',"service_note":"front left tyre changed"}'));
  return exampleFile("vehicles/2026-03-02/v07.ndjson", Buffer.from(`${lines.join("\n")}\n`), {
    records: ROWS,
    rejected: 2,
    rescued: 2,
  });
}

export function vehicleFiles(): readonly ExampleFile[] {
  return [
    ...[1, 2, 3, 4].map((vehicle) => cleanFile(vehicle, "2026-03-01")),
    cleanFile(1, "2026-03-02"),
    newColumnFile(),
    twoMembersFile(),
    truncatedFile(),
    troubledFile(),
  ];
}
