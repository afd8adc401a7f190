/** A table whose columns the real command line widened, a type at a time, for other implementations to judge. */
import { join } from "node:path";
import { arrive, lines } from "../support/arrivals.ts";
import { ingest } from "../support/run-landfall.ts";

/** By column: its first type as DDL, then its values in the order in which they come, and Delta's type that it ends with. */
export const WIDENED = {
  b: ["TINYINT", [1, 300, 70_000], "integer"],
  i: ["INT", [2, 3_000_000_000, -5], "long"],
  l: ["BIGINT", [3, 4, 1.25], "decimal(22,2)"],
  f: ["FLOAT", [0.5, 0.123456789012, 16_777_217], "double"],
  d: ["DECIMAL(4,2)", [1.25, 123.456, -99.99], "decimal(6,3)"],
} as const;

const MODE = ["--evolution-mode", "addNewColumnsWithTypeWidening"];

/** One run for each value; each row has its values beside an id, at the top and in a struct. */
export async function widenedTable(folder: string): Promise<string> {
  const [source, table] = [join(folder, "in"), join(folder, "widened")];
  const columns = Object.entries(WIDENED);
  const hints = ["id INT", ...columns.flatMap(([name, [type]]) => [`${name} ${type}`, `s.${name} ${type}`])];
  for (const at of [0, 1, 2] as const) {
    const values = Object.fromEntries(columns.map(([name, [, each]]) => [name, each[at]]));
    arrive(join(source, `${at}.json`), lines({ id: at, ...values, s: values }));
    await ingest([source, table, ...MODE, "--hints", hints.join(", ")]);
  }
  return table;
}

/** Files for a table that somebody else made with `id INT, v INT`: numbers that the column does not hold. */
export async function widenForeign(folder: string, table: string, from: number): Promise<void> {
  const source = join(folder, `in-${from}`);
  arrive(join(source, "a.json"), lines({ id: from, v: 3_000_000_000 }, { id: from + 1, v: 5 }));
  await ingest([source, table, ...MODE]);
}
