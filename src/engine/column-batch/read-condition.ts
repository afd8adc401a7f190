/** The condition of a scan: one expression of a person's over the table's columns, and nothing else. */
import { isJsonObject, type JsonValue } from "../../base/lossless-json.ts";
import { LandfallError } from "../../base/landfall-error.ts";
import type { Duckdb } from "../duckdb.ts";
import { canonical, onlyValue, parseSql, queryOf, type Parsed } from "../user-sql/parse-sql.ts";
import type { TreeNode } from "../user-sql/walk-expression.ts";

const READING = "read the condition of a scan";
const HINT = "Write one expression over the columns, such as: id > 10 AND city = 'Oslo'";

/**
 * The condition in brackets, for the WHERE of a statement.
 *
 * @param whom what messages call it
 * @throws LandfallError QUERY_INVALID for what is not one expression, or holds a subquery
 */
export async function readCondition(
  duckdb: Pick<Duckdb, "rows">,
  where: string,
  whom = "condition",
): Promise<string> {
  // It must be the same with and without brackets: `1) OR (1` is an expression with them only.
  const inBrackets = expressionOf(await parseSql(duckdb, `SELECT (\n${where}\n)`, READING), whom);
  const bare = expressionOf(await parseSql(duckdb, `SELECT \n${where}\n`, READING), whom);
  if (canonical(inBrackets) !== canonical(bare)) throw invalid(whom, "is not one expression");
  if (holdsQuery(inBrackets)) throw invalid(whom, "holds a subquery");
  return `(\n${where}\n)`;
}

function expressionOf(parsed: Parsed, whom: string): TreeNode {
  if ("error" in parsed)
    throw invalid(
      whom,
      parsed.isNoSelect ? "is not one expression" : `is no SQL expression: ${parsed.error}`,
    );
  const { statements } = parsed;
  const found = statements.length === 1 ? onlyValue(queryOf(statements[0])) : undefined;
  if (found === undefined) throw invalid(whom, "is not one expression");
  return found;
}

function holdsQuery(value: JsonValue): boolean {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).some(holdsQuery);
  return isJsonObject(value) && (value["class"] === "SUBQUERY" || Object.values(value).some(holdsQuery));
}

function invalid(whom: string, fault: string): LandfallError {
  return new LandfallError("QUERY_INVALID", { message: `The ${whom} ${fault}.`, hint: HINT });
}
