/** What weather stations report, as lines of CSV from a seed: 12 fields, some of them quoted, some empty. */
import type { Random } from "../examples/generate/random.ts";

export const stationHeader =
  "station,recorded_at,temperature,humidity,pressure,wind_speed,wind_direction,rain,battery,status,heated,sequence";

const FIRST_INSTANT = Date.UTC(2026, 2, 1);
const STATUS = ["ok", "ok", "ok", "ok", '"low, battery"', "maintenance", ""] as const;

/** One line without its line end. */
export function stationRow(random: Random, ordinal: number): string {
  const decimal = (from: number, to: number, digits: number): string =>
    (from + random.next() * (to - from)).toFixed(digits);
  const whole = (below: number): number => Math.floor(random.next() * below);
  return [
    `zh-${String(whole(200)).padStart(3, "0")}`,
    new Date(FIRST_INSTANT + ordinal * 1000).toISOString(),
    decimal(-20, 35, 2),
    decimal(0, 100, 1),
    decimal(950, 1050, 2),
    decimal(0, 30, 2),
    whole(360),
    random.next() < 0.8 ? "0.0" : decimal(0, 9, 1),
    decimal(3, 4.2, 3),
    random.pick(STATUS),
    random.next() < 0.1,
    ordinal,
  ].join(",");
}
