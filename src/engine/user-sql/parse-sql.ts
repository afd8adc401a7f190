/** A person's SQL as the tree that the engine's parser makes of it. */
import { isJsonObject, type JsonValue } from "../../base/lossless-json.ts";
import type { Duckdb } from "../duckdb.ts";
import { quoteText } from "../sql.ts";
import { isEmptyList, textOf, type TreeNode } from "./walk-expression.ts";

export type Parsed =
  | { readonly statements: readonly JsonValue[] }
  /** `position`: where, from 0, in the text. `isNoSelect`: it is SQL, but holds a statement that is no SELECT. */
  | { readonly error: string; readonly position?: number; readonly isNoSelect: boolean };

/**
 * Only parses: nothing of it is run.
 *
 * @param parse of the tree's JSON. Default: `JSON.parse`, which takes the last digits off long numbers
 */
export async function parseSql(
  duckdb: Pick<Duckdb, "rows">,
  sql: string,
  doing: string,
  parse: (json: string) => JsonValue = (json) => JSON.parse(json) as JsonValue,
): Promise<Parsed> {
  // The engine would take it for the end of the statement.
  const nul = sql.indexOf("\0");
  if (nul !== -1)
    return { error: "a NUL character, which is chr(0) in SQL", position: nul, isNoSelect: false };
  const [row] = await duckdb.rows(
    `SELECT CAST(json_serialize_sql(${quoteText(sql)}) AS VARCHAR) AS tree`,
    doing,
  );
  const answer = parse(String(row!["tree"])) as TreeNode;
  const { statements, position } = answer;
  if (answer["error"] === true) {
    const [error = ""] = textOf(answer["error_message"]).split("\n", 1);
    const isNoSelect = error.startsWith("Only SELECT statements");
    return { error, isNoSelect, ...(position === undefined ? {} : { position: Number(position) }) };
  }
  return { statements: Array.isArray(statements) ? (statements as readonly JsonValue[]) : [] };
}

/** The query of a statement, or of what wraps one in an expression. */
export function queryOf(statement: JsonValue | undefined): TreeNode | undefined {
  const node = isJsonObject(statement) ? statement["node"] : undefined;
  return isJsonObject(node) ? node : undefined;
}

/** The one value that a query selects from nothing, and nothing else; undefined for any other query. */
export function onlyValue(query: TreeNode | undefined): TreeNode | undefined {
  if (query?.["type"] !== "SELECT_NODE") return undefined;
  const { select_list: list, from_table: from, cte_map: ctes } = query;
  const isPlain =
    isJsonObject(from) &&
    from["type"] === "EMPTY" &&
    isEmptyList(query["modifiers"]) &&
    isEmptyList(query["group_expressions"]) &&
    isJsonObject(ctes) &&
    isEmptyList(ctes["map"]) &&
    ["where_clause", "having", "sample", "qualify"].every((name) => query[name] === null);
  if (!isPlain || !Array.isArray(list) || list.length !== 1) return undefined;
  const [expression] = list as readonly JsonValue[];
  return isJsonObject(expression) && expression["alias"] === "" ? expression : undefined;
}

/** The query in the brackets of `SELECT * FROM (…) name`, and nothing else; undefined for any other statements. */
export function onlyRelation(statements: readonly JsonValue[]): TreeNode | undefined {
  const outer = statements.length === 1 ? queryOf(statements[0]) : undefined;
  const from = outer?.["from_table"];
  if (outer?.["type"] !== "SELECT_NODE" || !isJsonObject(from) || from["type"] !== "SUBQUERY")
    return undefined;
  const isPlain =
    from["sample"] === null &&
    isEmptyList(outer["modifiers"]) &&
    ["where_clause", "having", "sample", "qualify"].every((name) => outer[name] === null);
  return isPlain ? queryOf(from["subquery"]) : undefined;
}

/** Equal for trees that differ only in where their text stood. */
export function canonical(tree: unknown): string {
  return JSON.stringify(tree, (key, value: unknown) => {
    if (key === "query_location") return undefined;
    return typeof value === "bigint" ? `${value}n` : value;
  });
}
