/** Trips as another system exports them: one Parquet file. Its bytes depend on DuckDB's version, its rows do not. */
import { DuckDBInstance } from "@duckdb/node-api";

import { seededRandom } from "./random.ts";

export const TRIPS_PATH = "trips/trips-2026-03.parquet";
export const TRIP_COUNT = 150;

const COLUMNS =
  "trip_id BIGINT, vehicle_id VARCHAR, started_at TIMESTAMPTZ, ended_at TIMESTAMPTZ, distance_km DECIMAL(9,3), energy_kwh DOUBLE, stops VARCHAR[]";

/** The rows as SQL literals. */
function tripValues(): string[] {
  const random = seededRandom(150);
  return Array.from({ length: TRIP_COUNT }, (_, index) => {
    const started = Date.parse("2026-03-01T05:00:00Z") + index * 1_980_000;
    const ended = started + Math.floor(random.between(300_000, 5_400_000, 0));
    const distance = random.between(0.8, 92, 3);
    const stops = ["Zürich", "Winterthur", "Baar", "L'Abbaye"].filter(() => random.next() < 0.4);
    return `(${[
      4_200_000_000_000 + index,
      `'v0${random.pick([1, 2, 3, 4, 5, 6, 7])}'`,
      `'${new Date(started).toISOString()}'`,
      // The last trip is under way.
      index === TRIP_COUNT - 1 ? "NULL" : `'${new Date(ended).toISOString()}'`,
      distance.toFixed(3),
      `${random.between(0.1, 19, 2)}::DOUBLE`,
      `[${stops.map((stop) => `'${stop.replaceAll("'", "''")}'`).join(", ")}]`,
    ].join(", ")})`;
  });
}

async function withTrips<T>(
  use: (run: (sql: string) => Promise<readonly Record<string, unknown>[]>) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const run = async (sql: string): Promise<readonly Record<string, unknown>[]> =>
      (await connection.runAndReadAll(sql)).getRowObjectsJson();
    await run("SET TimeZone = 'UTC'");
    await run(`CREATE TABLE trips (${COLUMNS})`);
    await run(`INSERT INTO trips VALUES ${tripValues().join(", ")}`);
    return await use(run);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const literal = (path: string): string => `'${path.replaceAll("'", "''")}'`;

/** Writes the Parquet file over what is there. */
export async function writeTrips(path: string): Promise<void> {
  await withTrips((run) =>
    run(`COPY (FROM trips ORDER BY trip_id) TO ${literal(path)} (FORMAT parquet, COMPRESSION snappy)`),
  );
}

/** How many rows of the file and of the generated trips have no equal on the other side; 0 when the file is as generated. */
export function countTripDifferences(path: string): Promise<number> {
  return withTrips(async (run) => {
    const file = `read_parquet(${literal(path)})`;
    const [row] = await run(
      `SELECT (SELECT count(*) FROM (FROM ${file} EXCEPT ALL FROM trips)) + (SELECT count(*) FROM (FROM trips EXCEPT ALL FROM ${file})) AS n`,
    );
    return Number(row?.["n"]);
  });
}
