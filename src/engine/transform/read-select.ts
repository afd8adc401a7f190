/** Reads the SQL of a transform: parsed by the engine and judged, before any file is opened. */
import { isJsonObject, type JsonValue } from "../../base/lossless-json.ts";
import type { Duckdb } from "../duckdb.ts";
import { parseSql, queryOf, type Parsed } from "../user-sql/parse-sql.ts";
import { textOf, type TreeNode } from "../user-sql/walk-expression.ts";
import { judgeSelect } from "./judge-select.ts";
import { invalidTransform, namelessColumn, type SqlTransform } from "./batch-transform.ts";

/** Far above what a person writes, far below what makes the parser slow. */
const MAX_LENGTH = 1024 ** 2;

const SYNTAX_HINT =
  'Nothing was committed. A column whose name is a word of SQL stands in double quotes: "at", "end", "order".';

const READING = "read the transform";

/** A transform that may be put into a statement in brackets. @throws LandfallError TRANSFORM_INVALID */
export async function readSelect(duckdb: Duckdb, transform: SqlTransform): Promise<SqlTransform> {
  const sql = transform.sql.replace(/[\s;]+$/, "");
  if (sql.length > MAX_LENGTH) throw invalidTransform(transform, `is longer than ${MAX_LENGTH} characters`);
  if (sql.trim() === "") throw invalidTransform(transform, "is empty");
  const bare = await parseSql(duckdb, sql, READING);
  const inBrackets = await parseSql(duckdb, `SELECT * FROM (\n${sql}\n) landfall_result`, READING);
  const fault = judgeSelect(bare, inBrackets);
  if (fault !== undefined) {
    throw invalidTransform(
      transform,
      `${fault}${lineOf(bare, sql)}`,
      "error" in bare && !bare.isNoSelect ? { hint: SYNTAX_HINT } : {},
    );
  }
  const nameless = placeOfNameless(bare);
  if (nameless !== undefined) throw namelessColumn(transform, String(nameless));
  const typeless = typelessColumn(bare);
  if (typeless !== undefined) {
    throw invalidTransform(transform, `gives a column ${typeless} that is NULL in every row and of no type`, {
      hint: "Nothing was committed. Write CAST(NULL AS …) with the type that the table's column is to have.",
    });
  }
  return { ...transform, sql };
}

function lineOf(parsed: Parsed, sql: string): string {
  if (!("error" in parsed) || parsed.position === undefined) return "";
  return ` (line ${sql.slice(0, parsed.position).split("\n").length})`;
}

/** The engine would take it for INTEGER, and so would the table from then on. In a UNION the other side may give the type. */
function typelessColumn(parsed: Parsed): string | undefined {
  const query = "error" in parsed ? undefined : queryOf(parsed.statements[0]);
  const list = (query?.["select_list"] ?? []) as readonly TreeNode[];
  const found = list.find(
    ({ class: kind, value }) => kind === "CONSTANT" && isJsonObject(value) && value["is_null"] === true,
  );
  return found && textOf(found["alias"]);
}

/** The place of the first value of the outermost SELECT that is neither a column, nor a star, nor named. */
function placeOfNameless(parsed: Parsed): number | undefined {
  let query: TreeNode | undefined = "error" in parsed ? undefined : queryOf(parsed.statements[0]);
  while (query?.["type"] === "SET_OPERATION_NODE") query = query["left"] as TreeNode;
  const list = (query?.["select_list"] ?? []) as readonly JsonValue[];
  const at = list.findIndex((value) => {
    const { alias, class: kind, function_name: called } = value as TreeNode;
    // Of a struct it gives the fields, by their names.
    const isSpread = textOf(called).toLowerCase() === "unnest";
    return alias === "" && !isSpread && !["COLUMN_REF", "STAR"].includes(textOf(kind));
  });
  return at < 0 ? undefined : at + 1;
}
