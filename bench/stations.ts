/** What weather stations report, from a seed: 12 fields; as lines of CSV some of them are quoted, some empty. */
import type { Random } from "../examples/generate/random.ts";

export const stationHeader =
  "station,recorded_at,temperature,humidity,pressure,wind_speed,wind_direction,rain,battery,status,heated,sequence";

const FIRST_INSTANT = Date.UTC(2026, 2, 1);
const STATUS = ["ok", "ok", "ok", "ok", "low, battery", "maintenance", ""] as const;

/** Numbers with a fraction are text, so that every format has the same digits. */
export interface Station {
  readonly station: string;
  /** Milliseconds since the epoch. */
  readonly recordedAt: number;
  readonly temperature: string;
  readonly humidity: string;
  readonly pressure: string;
  readonly windSpeed: string;
  readonly windDirection: number;
  readonly rain: string;
  readonly battery: string;
  /** Empty for none. */
  readonly status: string;
  readonly heated: boolean;
  readonly sequence: number;
}

export function stationValues(random: Random, ordinal: number): Station {
  const decimal = (from: number, to: number, digits: number): string =>
    (from + random.next() * (to - from)).toFixed(digits);
  const whole = (below: number): number => Math.floor(random.next() * below);
  return {
    station: `zh-${String(whole(200)).padStart(3, "0")}`,
    recordedAt: FIRST_INSTANT + ordinal * 1000,
    temperature: decimal(-20, 35, 2),
    humidity: decimal(0, 100, 1),
    pressure: decimal(950, 1050, 2),
    windSpeed: decimal(0, 30, 2),
    windDirection: whole(360),
    rain: random.next() < 0.8 ? "0.0" : decimal(0, 9, 1),
    battery: decimal(3, 4.2, 3),
    status: random.pick(STATUS),
    heated: random.next() < 0.1,
    sequence: ordinal,
  };
}

/** One line without its line end. */
export function stationRow(random: Random, ordinal: number): string {
  const { recordedAt, status, ...rest } = stationValues(random, ordinal);
  return [
    rest.station,
    new Date(recordedAt).toISOString(),
    rest.temperature,
    rest.humidity,
    rest.pressure,
    rest.windSpeed,
    rest.windDirection,
    rest.rain,
    rest.battery,
    status.includes(",") ? `"${status}"` : status,
    rest.heated,
    rest.sequence,
  ].join(",");
}
