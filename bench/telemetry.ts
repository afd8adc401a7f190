/**
 * Car telemetry as newline-delimited JSON: 12 fields, two of them structs and one an array, 261.5 bytes a row, from a seed. So
 * 2,000,000 rows are 523 MB on every machine.
 */
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { type Random, seededRandom } from "../examples/generate/random.ts";

/** Goes into the name of cached files: a change of the rows is a change of this. */
export const TELEMETRY_VERSION = 1;

/** Bytes of a row on the average, its line end counted. */
export const ROW_BYTES = 261.5;

const FIRST_INSTANT = Date.UTC(2026, 2, 1);

const EVENTS = ["INSERT", "MODIFY"] as const;
const TAGS = ["city", "eco", "highway", "night", "rain", "towing"] as const;
const FIRMWARE = ["4.11.2", "4.12.7", "5.0.1"] as const;
const CHUNK_BYTES = 1024 ** 2;

/** One line without its line end. Rows of one `random` follow each other in time. */
export function telemetryRow(random: Random, ordinal: number): string {
  const at = new Date(FIRST_INSTANT + ordinal * 137).toISOString();
  const vin = String(Math.floor(random.next() * 5000)).padStart(5, "0");
  const battery = `{"soc":${decimal(random, 10, 99, 1)},"volt":${decimal(random, 310, 410, 2)},"temp":${decimal(random, 10, 45, 1)}}`;
  const position = `{"lat":${decimal(random, 45, 48, 5)},"lon":${decimal(random, 6, 10, 4)}}`;
  return (
    `{"id":"${hex(random)}${hex(random)}","vin":"v${vin}","at":"${at}","event":"${random.pick(EVENTS)}",` +
    `"odo_m":${Math.floor(1e7 + random.next() * 8e7)},"kph":${decimal(random, 10, 99, 1)},"charging":${random.next() < 0.1},` +
    `"battery":${battery},"pos":${position},"tags":[${tags(random)}],"fw":"${random.pick(FIRMWARE)}",` +
    `"rssi":${-Math.floor(50 + random.next() * 49)}}`
  );
}

function hex(random: Random): string {
  return Math.floor(random.next() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");
}

/** Always with its point, so that a column of decimals is not now and then one of integers. */
function decimal(random: Random, from: number, to: number, digits: number): string {
  return (from + random.next() * (to - from)).toFixed(digits);
}

function tags(random: Random): string {
  const count = Math.floor(random.next() * 3);
  return Array.from({ length: count }, () => `"${random.pick(TAGS)}"`).join(",");
}

export interface TelemetryOptions {
  /** Made when missing. */
  readonly folder: string;
  readonly rows: number;
  /** The rows are shared out evenly, in order. */
  readonly files: number;
  readonly seed: number;
}

/** Writes `part-00000.ndjson` and so on. Returns their names in order. */
export async function writeTelemetry(options: TelemetryOptions): Promise<string[]> {
  const { folder, rows, files, seed } = options;
  await mkdir(folder, { recursive: true });
  const names: string[] = [];
  for (let i = 0; i < files; i++) {
    const name = `part-${String(i).padStart(5, "0")}.ndjson`;
    const from = Math.floor((rows * i) / files);
    const to = Math.floor((rows * (i + 1)) / files);
    await writeRows({ path: join(folder, name), random: seededRandom(seed + i), from, to });
    names.push(name);
  }
  return names;
}

async function writeRows(options: {
  readonly path: string;
  readonly random: Random;
  readonly from: number;
  readonly to: number;
}): Promise<void> {
  const stream = createWriteStream(options.path);
  let chunk = "";
  for (let ordinal = options.from; ordinal < options.to; ordinal++) {
    chunk += `${telemetryRow(options.random, ordinal)}\n`;
    if (chunk.length < CHUNK_BYTES) continue;
    if (!stream.write(chunk)) await once(stream, "drain");
    chunk = "";
  }
  stream.end(chunk);
  await finished(stream);
}
