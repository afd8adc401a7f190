/**
 * What a rule may be made of, judged on the tree that the engine's parser made of it. Whatever is not on a list is refused: a node, an
 * operator, a function, a type. Pure.
 */
import { isJsonObject } from "../../base/lossless-json.ts";
import { isAllowedFunction } from "./allowed-functions.ts";

/** What stands in the way, as the end of a sentence that begins with the rule; or the columns that the rule names. */
export type Judgement =
  | { readonly ok: false; readonly fault: string }
  | { readonly ok: true; readonly columns: readonly (readonly string[])[] };

const CLASSES: ReadonlySet<string> = new Set(
  "COLUMN_REF CONSTANT COMPARISON CONJUNCTION OPERATOR FUNCTION CASE CAST BETWEEN".split(" "),
);

const OPERATORS: ReadonlySet<string> = new Set(
  "OPERATOR_NOT OPERATOR_IS_NULL OPERATOR_IS_NOT_NULL OPERATOR_COALESCE OPERATOR_NULLIF OPERATOR_TRY COMPARE_IN COMPARE_NOT_IN ARRAY_EXTRACT STRUCT_EXTRACT".split(
    " ",
  ),
);

/** Names of types as people write them and as the parser calls them. */
const TYPES: ReadonlySet<string> = new Set(
  `boolean bool tinyint smallint short integer int bigint long hugeint float real double decimal numeric varchar text string char date
  timestamp timestamp_ntz datetime timestamptz time interval blob binary`
    .split(/\s+/)
    .concat("timestamp with time zone"),
);

const WORDS: Readonly<Record<string, string>> = {
  SUBQUERY: "a subquery",
  WINDOW: "a window function",
  STAR: "`*` or COLUMNS(…)",
  PARAMETER: "a parameter",
  LAMBDA: "a lambda (or `->`)",
  LAMBDA_REF: "a lambda",
  POSITIONAL_REFERENCE: "a column by its position",
  COLLATE: "a collation",
  DEFAULT: "DEFAULT",
};

/** Judges the answer of `json_serialize_sql` to `SELECT (rule)` and to `SELECT rule`: a rule must be the same with and without brackets. */
export function judgeRule(inBrackets: unknown, bare: unknown): Judgement {
  const expression = onlyExpression(inBrackets);
  if (typeof expression === "string") return { ok: false, fault: expression };
  const other = onlyExpression(bare);
  if (typeof other === "string" || canonical(expression) !== canonical(other))
    return { ok: false, fault: "is not one expression" };
  const columns: string[][] = [];
  const fault = findFault(expression, columns);
  return fault === undefined ? { ok: true, columns } : { ok: false, fault };
}

/** Nothing but one value selected, from nothing; or the fault. */
function onlyExpression(answer: unknown): Record<string, unknown> | string {
  if (!isJsonObject(answer)) return "is no SQL expression";
  if (answer["error"] === true)
    return `is no SQL expression: ${textOf(answer["error_message"]).split("\n", 1)[0]!}`;
  const statements = answer["statements"];
  if (!Array.isArray(statements) || statements.length !== 1) return "is not one expression";
  const [statement] = statements as unknown[];
  const node = isJsonObject(statement) ? statement["node"] : undefined;
  if (!isJsonObject(node) || node["type"] !== "SELECT_NODE") return "is not one expression";
  const { select_list: list, from_table: from } = node as { select_list?: unknown; from_table?: unknown };
  const isPlain =
    isJsonObject(from) &&
    from["type"] === "EMPTY" &&
    isEmpty(node["modifiers"]) &&
    isEmpty(node["group_expressions"]) &&
    isJsonObject(node["cte_map"]) &&
    isEmpty(node["cte_map"]["map"]) &&
    ["where_clause", "having", "sample", "qualify"].every((name) => node[name] === null);
  if (!isPlain || !Array.isArray(list) || list.length !== 1) return "is not one expression";
  const [expression] = list as unknown[];
  if (!isJsonObject(expression) || expression["alias"] !== "") return "is not one expression";
  return expression;
}

/** Every value of every node is walked, so that no part of the tree goes unseen whatever the parser calls it. */
function findFault(value: unknown, columns: string[][]): string | undefined {
  if (Array.isArray(value)) return firstFault(value, columns);
  if (!isJsonObject(value)) return undefined;
  if (value["node"] !== undefined) return "holds a subquery";
  return (
    ("class" in value ? nodeFault(value, columns) : undefined) ?? firstFault(Object.values(value), columns)
  );
}

function firstFault(values: readonly unknown[], columns: string[][]): string | undefined {
  for (const value of values) {
    const fault = findFault(value, columns);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function nodeFault(node: Record<string, unknown>, columns: string[][]): string | undefined {
  const kind = textOf(node["class"]);
  if (!CLASSES.has(kind)) return `holds ${WORDS[kind] ?? kind.toLowerCase()}, which a rule may not`;
  switch (kind) {
    case "OPERATOR": {
      const type = textOf(node["type"]);
      return OPERATORS.has(type) ? undefined : `holds the operator ${type}, which a rule may not`;
    }
    case "FUNCTION":
      return functionFault(node);
    case "CAST":
      return typeFault(node["cast_type"]);
    case "COLUMN_REF":
      columns.push((node["column_names"] as string[]).map(String));
      return undefined;
    default:
      return undefined;
  }
}

function functionFault(node: Record<string, unknown>): string | undefined {
  const name = textOf(node["function_name"]);
  const schema = textOf(node["schema"]);
  if (!isAllowedFunction(name) || !["", "main"].includes(schema) || textOf(node["catalog"]) !== "")
    return `calls ${name}, which is not among the functions that a rule may call`;
  const orders = node["order_bys"];
  const isPlain =
    node["filter"] === null &&
    node["distinct"] === false &&
    isJsonObject(orders) &&
    isEmpty(orders["orders"]);
  return isPlain ? undefined : `calls ${name} as an aggregate, which a rule may not`;
}

function typeFault(type: unknown): string | undefined {
  const refused = (name: string): string => `casts to ${name}, which a rule may not`;
  if (!isJsonObject(type)) return refused("an unknown type");
  const info = type["type_info"];
  const id = textOf(type["id"]);
  const name = id === "UNBOUND" && isJsonObject(info) ? textOf(info["name"]) : id;
  return TYPES.has(name.toLowerCase()) ? undefined : refused(name);
}

/** Places in the text differ by the bracket. */
function canonical(expression: unknown): string {
  return JSON.stringify(expression, (key, value: unknown) => (key === "query_location" ? undefined : value));
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
