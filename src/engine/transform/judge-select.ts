/**
 * What a transform may be: one SELECT over `batch` and its own CTEs, judged on the tree that the engine's parser made of it. Each kind of
 * query and of relation is known here by name with all its parts, and what is not known is refused. Pure.
 */
import { isJsonObject, type JsonValue } from "../../base/lossless-json.ts";
import { RULE_OPERATORS } from "../expect/judge-rule.ts";
import { canonical, onlyRelation, queryOf, type Parsed } from "../user-sql/parse-sql.ts";
import { NESTED_TYPES } from "../user-sql/types.ts";
import {
  findFault,
  isCalledAsAggregate,
  isEmptyList,
  textOf,
  type ExpressionPolicy,
  type TreeNode,
} from "../user-sql/walk-expression.ts";
import { isAggregate, isAllowedFunction, isWindowFunction, needsOrder } from "./allowed-functions.ts";

/** The relation that a transform reads. */
export const BATCH = "batch";

const WHOM = "a transform";

const CLASSES: ReadonlySet<string> = new Set(
  "COLUMN_REF CONSTANT COMPARISON CONJUNCTION OPERATOR FUNCTION CASE CAST BETWEEN SUBQUERY WINDOW STAR LAMBDA LAMBDA_REF".split(
    " ",
  ),
);

const OPERATORS: ReadonlySet<string> = new Set([
  ...RULE_OPERATORS,
  ..."ARRAY_CONSTRUCTOR ARRAY_SLICE GROUPING_FUNCTION".split(" "),
]);

/** What DuckDB calls a function for where no column has the name, and the name has one part. */
const VALUE_FUNCTIONS: ReadonlySet<string> = new Set(
  `current_catalog current_date current_schema current_role current_time current_timestamp current_user localtime
  localtimestamp session_user user`.split(/\s+/),
);

const SORTS: ReadonlySet<string> = new Set([
  "list_sort",
  "list_reverse_sort",
  "array_sort",
  "array_reverse_sort",
]);

/** Names of relations that may be read, in lower case. */
type Scope = ReadonlySet<string>;

/**
 * Judges what the parser makes of the text, and of `SELECT * FROM (text) landfall_result`: it must be the same with and without brackets.
 * Answers what stands in the way, as the end of a sentence that begins with the transform.
 */
export function judgeSelect(bare: Parsed, inBrackets: Parsed): string | undefined {
  if ("error" in bare) return bare.isNoSelect ? NO_SELECT : `is no SQL: ${bare.error}`;
  const { statements } = bare;
  if (statements.length !== 1) return `holds ${statements.length} statements, and must be one SELECT`;
  const query = queryOf(statements[0]);
  if (query === undefined) return NO_SELECT;
  const fault = queryFault(query, new Set([BATCH]));
  if (fault !== undefined) return fault;
  const inner = "error" in inBrackets ? undefined : onlyRelation(inBrackets.statements);
  return canonical(inner) === canonical(query) ? undefined : "is not one SELECT that can stand in brackets";
}

const NO_SELECT = "is no SELECT, which is all that a transform may be";

function queryFault(query: JsonValue, scope: Scope): string | undefined {
  if (!isJsonObject(query)) return "holds a query that is not known";
  const node: TreeNode = query;
  switch (textOf(node["type"])) {
    case "SELECT_NODE":
      return selectFault(node, scope);
    case "SET_OPERATION_NODE":
      return setOperationFault(node, scope);
    case "RECURSIVE_CTE_NODE":
      return "holds a recursive query (WITH RECURSIVE), which a transform may not";
    default:
      return `holds a query of the kind ${textOf(node["type"])}, which a transform may not`;
  }
}

const SELECT_PARTS: ReadonlySet<string> = new Set(
  `type modifiers cte_map select_list from_table where_clause group_expressions group_sets aggregate_handling having sample qualify`.split(
    " ",
  ),
);

function selectFault(node: TreeNode, outer: Scope): string | undefined {
  const unknown = Object.keys(node).find((part) => !SELECT_PARTS.has(part));
  if (unknown !== undefined) return `holds ${unknown}, which a transform may not`;
  if (node["sample"] !== null) return SAMPLED;
  return withCtes(node, outer, (scope) => {
    const values = ["select_list", "where_clause", "group_expressions", "having", "qualify"];
    return (
      relationFault(node["from_table"] ?? null, scope) ??
      firstOf(values.map((part) => () => expressionFault(node[part] ?? null, scope))) ??
      modifiersFault(node["modifiers"] ?? null, scope)
    );
  });
}

const SET_PARTS: ReadonlySet<string> = new Set(
  "type modifiers cte_map setop_type left right children setop_all".split(" "),
);

function setOperationFault(node: TreeNode, outer: Scope): string | undefined {
  const unknown = Object.keys(node).find((part) => !SET_PARTS.has(part));
  if (unknown !== undefined) return `holds ${unknown}, which a transform may not`;
  const children = Array.isArray(node["children"]) ? (node["children"] as readonly JsonValue[]) : [];
  const sides = [node["left"], node["right"], ...children].filter((side) => side !== undefined);
  return withCtes(
    node,
    outer,
    (scope) =>
      firstOf(sides.map((side) => () => queryFault(side, scope))) ??
      modifiersFault(node["modifiers"] ?? null, scope),
  );
}

/** A CTE sees those before it. */
function withCtes(
  node: TreeNode,
  outer: Scope,
  judge: (scope: Scope) => string | undefined,
): string | undefined {
  const map = isJsonObject(node["cte_map"]) ? node["cte_map"]["map"] : undefined;
  if (!Array.isArray(map)) return "holds a WITH that is not known";
  const scope = new Set(outer);
  for (const entry of map as readonly JsonValue[]) {
    if (!isJsonObject(entry) || !isJsonObject(entry["value"])) return "holds a WITH that is not known";
    const cte = entry["value"];
    if (!isEmptyList(cte["key_targets"])) return "holds a WITH … USING KEY, which a transform may not";
    const query = queryOf(cte["query"]);
    const fault = query === undefined ? "holds a WITH that is not known" : queryFault(query, scope);
    if (fault !== undefined) return fault;
    scope.add(textOf(entry["key"]).toLowerCase());
  }
  return judge(scope);
}

function modifiersFault(modifiers: JsonValue, scope: Scope): string | undefined {
  if (!Array.isArray(modifiers)) return "holds an ending that is not known";
  const list = modifiers as readonly JsonValue[];
  const kinds = list.map((one) => (isJsonObject(one) ? textOf(one["type"]) : ""));
  const isOrdered = kinds.includes("ORDER_MODIFIER");
  return firstOf(
    list.map((modifier, i) => () => {
      const kind = kinds[i]!;
      if (!["DISTINCT_MODIFIER", "ORDER_MODIFIER", "LIMIT_MODIFIER"].includes(kind))
        return `holds the ending ${kind}, which a transform may not`;
      if (kind === "LIMIT_MODIFIER" && !isOrdered)
        return "holds a LIMIT without ORDER BY, which takes other rows each time";
      const isOn =
        kind === "DISTINCT_MODIFIER" && !isEmptyList((modifier as TreeNode)["distinct_on_targets"]);
      if (isOn && !isOrdered) return "holds DISTINCT ON without ORDER BY, which takes other rows each time";
      return expressionFault(modifier, scope);
    }),
  );
}

const SAMPLED = "holds a SAMPLE, which takes other rows each time";

function relationFault(relation: JsonValue, scope: Scope): string | undefined {
  if (!isJsonObject(relation)) return "reads from what is not known";
  const node: TreeNode = relation;
  if (node["sample"] !== null) return SAMPLED;
  switch (textOf(node["type"])) {
    case "EMPTY":
      return undefined;
    case "BASE_TABLE":
      return tableFault(node, scope);
    case "JOIN":
      return joinFault(node, scope);
    case "SUBQUERY":
      return queryFault(queryOf(node["subquery"]) ?? null, scope);
    case "TABLE_FUNCTION":
      return tableFunctionFault(node["function"] ?? null, scope);
    case "EXPRESSION_LIST":
      return expressionFault(node["values"] ?? null, scope);
    case "SHOW_REF":
      return "holds DESCRIBE, SHOW or SUMMARIZE, which a transform may not";
    case "PIVOT":
      return "holds PIVOT or UNPIVOT, which a transform may not";
    default:
      return `reads from a relation of the kind ${textOf(node["type"])}, which a transform may not`;
  }
}

function tableFault(node: TreeNode, scope: Scope): string | undefined {
  const parts = ["catalog_name", "schema_name", "table_name"].map((part) => textOf(node[part]));
  const name = parts.filter((part) => part !== "").join(".");
  const refused = `reads from ${name}; a transform reads from ${BATCH} and the CTEs before`;
  const isPlain = parts[0] === "" && parts[1] === "" && node["at_clause"] === null;
  return isPlain && scope.has(parts[2]!.toLowerCase()) ? undefined : refused;
}

function joinFault(node: TreeNode, scope: Scope): string | undefined {
  const kind = textOf(node["ref_type"]);
  if (!["REGULAR", "NATURAL", "CROSS", "ASOF", "DEPENDENT"].includes(kind))
    return `holds a ${kind.toLowerCase()} join, which a transform may not`;
  return (
    relationFault(node["left"] ?? null, scope) ??
    relationFault(node["right"] ?? null, scope) ??
    expressionFault(node["condition"] ?? null, scope)
  );
}

function tableFunctionFault(call: JsonValue, scope: Scope): string | undefined {
  if (!isJsonObject(call)) return "reads from what is not known";
  const name = textOf(call["function_name"]);
  if (name.toLowerCase() !== "unnest")
    return `reads from the table function ${name}; a transform reads from ${BATCH}, its CTEs and UNNEST(…)`;
  return expressionFault(call, scope);
}

function expressionFault(expression: JsonValue, scope: Scope): string | undefined {
  const sorted = new Set<unknown>();
  const policy: ExpressionPolicy = {
    whom: WHOM,
    classes: CLASSES,
    operators: OPERATORS,
    types: NESTED_TYPES,
    isAllowedFunction,
    nodeFault: (node) => partFault(node, sorted),
    queryFault: (query) => queryFault(query, scope),
    seeColumn: () => {},
  };
  return valueFunctionFault(expression) ?? findFault(expression, policy);
}

/** `sorted`: lists that are put in order at once, which is what the parser makes of `list(a ORDER BY a)`. */
function partFault(node: TreeNode, sorted: Set<unknown>): string | undefined {
  if (node["class"] === "STAR") return starFault(node);
  const name = textOf(node["function_name"]);
  if (node["class"] === "WINDOW") {
    if (!isWindowFunction(name) && !isAggregate(name)) return `calls ${name} OVER, which ${WHOM} may not`;
    const isOrdered = !isEmptyList(node["orders"]) || !isEmptyList(node["arg_orders"]);
    return needsOrder(name) && !isOrdered
      ? `calls ${name} OVER (…) without ORDER BY, which answers otherwise each time`
      : undefined;
  }
  if (isWindowFunction(name)) return `calls ${name} without OVER (…)`;
  if (SORTS.has(name.toLowerCase())) sorted.add((node["children"] as readonly JsonValue[])[0]);
  const orders = node["order_bys"];
  if (needsOrder(name) && !sorted.has(node) && isJsonObject(orders) && isEmptyList(orders["orders"]))
    return `calls ${name} without ORDER BY, which answers otherwise each time: write ${name}(… ORDER BY …)`;
  return isCalledAsAggregate(node) && !isAggregate(name)
    ? `calls ${name} as an aggregate, which ${WHOM} may not`
    : undefined;
}

function starFault(node: TreeNode): string | undefined {
  return node["columns"] === true && JSON.stringify(node["expr"]).includes('"LAMBDA"')
    ? `holds COLUMNS with a lambda, which ${WHOM} may not`
    : undefined;
}

/** Of names that stand alone; those with a relation before them are columns. Queries inside are judged by themselves. */
function valueFunctionFault(value: JsonValue): string | undefined {
  if (Array.isArray(value))
    return firstOf((value as readonly JsonValue[]).map((one) => () => valueFunctionFault(one)));
  if (!isJsonObject(value) || value["node"] !== undefined) return undefined;
  const node: TreeNode = value;
  if (node["class"] !== "COLUMN_REF")
    return firstOf(Object.values(node).map((one) => () => valueFunctionFault(one)));
  const [name, ...more] = (node["column_names"] as readonly JsonValue[]).map(String);
  if (more.length > 0 || !VALUE_FUNCTIONS.has(name!.toLowerCase())) return undefined;
  return `names ${name}, which SQL takes for a function where no column has that name: write ${BATCH}.${name} for the column`;
}

function firstOf(judges: readonly (() => string | undefined)[]): string | undefined {
  for (const judge of judges) {
    const fault = judge();
    if (fault !== undefined) return fault;
  }
  return undefined;
}
