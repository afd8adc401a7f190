/** Expressions that may have another value when they are computed again. */
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import type { Duckdb } from "./duckdb.ts";
import { textList } from "./sql.ts";
import { textOf } from "./user-sql/walk-expression.ts";

/**
 * The first function of an expression that may answer otherwise when it is asked again, or a word that is read as such and is no column.
 *
 * @param columns in lower case
 */
export async function varyingName(
  duckdb: Duckdb,
  tree: JsonValue,
  columns: ReadonlySet<string>,
): Promise<string | undefined> {
  const names = namesIn(tree, columns);
  if (names.length === 0) return undefined;
  // DuckDB lists all its functions for that, which takes longer than all else of reading an expression.
  const rows = await duckdb.rows(
    `SELECT DISTINCT lower(function_name) AS name FROM duckdb_functions()
      WHERE function_type = 'scalar' AND stability <> 'CONSISTENT' AND list_contains(${textList(names)}, lower(function_name))`,
    "read which functions vary",
  );
  const varying = new Set(rows.map((row) => String(row["name"])));
  return names.find((name) => varying.has(name));
}

function namesIn(value: JsonValue, columns: ReadonlySet<string>): readonly string[] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap((one) => namesIn(one, columns));
  if (!isJsonObject(value)) return [];
  const called = textOf(value["function_name"] ?? null).toLowerCase();
  const parts = value["column_names"];
  const word = Array.isArray(parts) && parts.length === 1 ? String(parts[0]).toLowerCase() : "";
  const own = [called, columns.has(word) ? "" : word].filter((name) => name !== "");
  return [...own, ...namesIn(Object.values(value), columns)];
}
