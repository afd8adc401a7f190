/**
 * One walk over the tree that the engine's parser made of a person's expression, for every kind of SQL that a person may write: what may
 * stand there is a policy's to say. Whatever is not on a list is refused: a node, an operator, a function, a type. Pure.
 */
import { isJsonObject, type JsonValue } from "../../base/lossless-json.ts";

export type TreeNode = Readonly<Record<string, JsonValue>>;

/** What one kind of SQL may be made of. A fault is the end of a sentence that begins with what was written. */
export interface ExpressionPolicy {
  /** How messages call it: `a rule`. */
  readonly whom: string;
  /** The parser's classes of nodes. */
  readonly classes: ReadonlySet<string>;
  readonly operators: ReadonlySet<string>;
  /** Names of types, in lower case, as people write them and as the parser calls them. */
  readonly types: ReadonlySet<string>;
  isAllowedFunction(name: string): boolean;
  /** Of a call, a window or a star that the lists let pass. */
  nodeFault(node: TreeNode): string | undefined;
  /** Of a query inside the expression. */
  queryFault(query: JsonValue): string | undefined;
  /** Told of each column that is named, by the parts of its name. */
  seeColumn(parts: readonly string[]): void;
}

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

/** Every value of every node is walked, so that no part of the tree goes unseen whatever the parser calls it. */
export function findFault(value: JsonValue, policy: ExpressionPolicy): string | undefined {
  if (Array.isArray(value)) return firstFault(value as readonly JsonValue[], policy);
  if (!isJsonObject(value)) return undefined;
  const node: TreeNode = value;
  if (node["node"] !== undefined) return policy.queryFault(node["node"]);
  return ("class" in node ? nodeFault(node, policy) : undefined) ?? firstFault(Object.values(node), policy);
}

function firstFault(values: readonly JsonValue[], policy: ExpressionPolicy): string | undefined {
  for (const value of values) {
    const fault = findFault(value, policy);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function nodeFault(node: TreeNode, policy: ExpressionPolicy): string | undefined {
  const { whom } = policy;
  const kind = textOf(node["class"]);
  if (!policy.classes.has(kind)) return `holds ${WORDS[kind] ?? kind.toLowerCase()}, which ${whom} may not`;
  switch (kind) {
    case "OPERATOR": {
      const type = textOf(node["type"]);
      return policy.operators.has(type) ? undefined : `holds the operator ${type}, which ${whom} may not`;
    }
    case "FUNCTION":
    case "WINDOW":
      return callFault(node, policy) ?? policy.nodeFault(node);
    case "STAR":
      return policy.nodeFault(node);
    case "CAST":
      return typeFault(node["cast_type"], policy);
    case "COLUMN_REF":
      policy.seeColumn((node["column_names"] as readonly JsonValue[]).map(String));
      return undefined;
    default:
      return undefined;
  }
}

function callFault(node: TreeNode, policy: ExpressionPolicy): string | undefined {
  const name = textOf(node["function_name"]);
  const isOurs = ["", "main"].includes(textOf(node["schema"])) && textOf(node["catalog"]) === "";
  if (isOurs && policy.isAllowedFunction(name)) return undefined;
  return `calls ${name}, which is not among the functions that ${policy.whom} may call`;
}

/** True for a call with what only aggregates have: FILTER, DISTINCT, ORDER BY. */
export function isCalledAsAggregate(node: TreeNode): boolean {
  const orders = node["order_bys"];
  const isPlain =
    node["filter"] === null &&
    node["distinct"] === false &&
    isJsonObject(orders) &&
    isEmptyList(orders["orders"]);
  return !isPlain;
}

function typeFault(type: JsonValue | undefined, policy: ExpressionPolicy): string | undefined {
  const refused = (name: string): string => `casts to ${name}, which ${policy.whom} may not`;
  if (!isJsonObject(type)) return refused("an unknown type");
  const info = type["type_info"];
  const id = textOf(type["id"]);
  const name = id === "UNBOUND" && isJsonObject(info) ? textOf(info["name"]) : id;
  if (!policy.types.has(name.toLowerCase())) return refused(name);
  if (!isJsonObject(info)) return undefined;
  const { child_type: child, child_types: children } = info as Readonly<Record<string, JsonValue>>;
  const inner = [
    ...(child === undefined ? [] : [child]),
    ...(Array.isArray(children) ? (children as readonly JsonValue[]).map(secondOf) : []),
  ];
  return inner.map((one) => typeFault(one, policy)).find((fault) => fault !== undefined);
}

/** Of a named field of a struct its type. */
function secondOf(pair: JsonValue): JsonValue {
  return isJsonObject(pair) ? (pair["second"] ?? null) : null;
}

export function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
