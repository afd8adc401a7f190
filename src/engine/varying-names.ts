/** Expressions that may have another value when they are computed again. */
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import type { Duckdb } from "./duckdb.ts";
import { textOf } from "./user-sql/walk-expression.ts";

/** Functions that may answer otherwise when they are asked again, and words that are read as such. */
export async function varyingNames(duckdb: Duckdb): Promise<ReadonlySet<string>> {
  const rows = await duckdb.rows(
    "SELECT DISTINCT lower(function_name) AS name FROM duckdb_functions() WHERE function_type = 'scalar' AND stability <> 'CONSISTENT'",
    "read which functions vary",
  );
  return new Set(rows.map((row) => String(row["name"])));
}

/** The first of the names that stands in an expression's tree as a call, or as a word that is no column. */
export function findName(
  value: JsonValue,
  names: ReadonlySet<string>,
  columns: ReadonlySet<string>,
): string | undefined {
  if (Array.isArray(value)) {
    for (const one of value as readonly JsonValue[]) {
      const found = findName(one, names, columns);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const called = textOf(value["function_name"] ?? null).toLowerCase();
  if (names.has(called)) return called;
  const parts = value["column_names"];
  const word = Array.isArray(parts) && parts.length === 1 ? String(parts[0]).toLowerCase() : "";
  if (names.has(word) && !columns.has(word)) return word;
  return findName(Object.values(value), names, columns);
}
