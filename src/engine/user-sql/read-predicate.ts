/**
 * A predicate from the tree that the engine's parser made of a condition: comparisons of a column with a literal, joined by AND, OR and NOT.
 * Whatever else stands there is unknown. Pure: the values of literals, which the engine alone casts as it compares, are left as SQL.
 */
import { isJsonObject, type JsonValue } from "../../base/lossless-json.ts";
import type { DataType, PrimitiveType, StructField, StructType } from "../../schema/data-type.ts";
import type { ComparisonOperator } from "../../schema/predicate.ts";
import { comparedType } from "./compared-type.ts";
import { readLiteral, type SqlLiteral } from "./read-literal.ts";
import { textOf, type TreeNode } from "./walk-expression.ts";

/** A literal cast to the type that it is compared as. */
export interface CastLiteral {
  readonly sql: string;
  readonly type: PrimitiveType;
}

/** `Predicate` with literals that are not computed yet. */
export type DraftPredicate =
  | { readonly kind: "and" | "or"; readonly of: readonly DraftPredicate[] }
  | { readonly kind: "not"; readonly of: DraftPredicate }
  | {
      readonly kind: "compare";
      readonly op: ComparisonOperator;
      readonly column: readonly string[];
      readonly value: CastLiteral;
    }
  | { readonly kind: "isNull" | "isNotNull"; readonly column: readonly string[] }
  | { readonly kind: "in"; readonly column: readonly string[]; readonly values: readonly CastLiteral[] }
  | { readonly kind: "startsWith"; readonly column: readonly string[]; readonly prefix: string }
  | { readonly kind: "unknown" };

export interface ConditionScope {
  readonly schema: StructType;
  /** By which columns may be qualified. */
  readonly relations: readonly string[];
}

interface Column {
  readonly path: readonly string[];
  readonly type: PrimitiveType;
}

const UNKNOWN: DraftPredicate = { kind: "unknown" };

export function readPredicate(node: TreeNode, scope: ConditionScope): DraftPredicate {
  switch (textOf(node["class"])) {
    case "CONJUNCTION": {
      const kind = node["type"] === "CONJUNCTION_AND" ? "and" : "or";
      return { kind, of: childrenOf(node).map((child) => readPredicate(child, scope)) };
    }
    case "COMPARISON":
      return readComparison(node, scope);
    case "BETWEEN":
      return readBetween(node, scope);
    case "OPERATOR":
      return readOperator(node, scope);
    case "FUNCTION":
      return readCall(node, scope);
    case "COLUMN_REF": {
      // A condition may be a column that is true or false.
      const column = readColumn(node, scope);
      if (column?.type !== "boolean") return UNKNOWN;
      return { kind: "compare", op: "=", column: column.path, value: { sql: "true", type: "boolean" } };
    }
    default:
      return UNKNOWN;
  }
}

const OPERATORS: Readonly<Record<string, ComparisonOperator>> = {
  COMPARE_EQUAL: "=",
  COMPARE_NOTEQUAL: "<>",
  COMPARE_LESSTHAN: "<",
  COMPARE_GREATERTHAN: ">",
  COMPARE_LESSTHANOREQUALTO: "<=",
  COMPARE_GREATERTHANOREQUALTO: ">=",
};
const TURNED = { "=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<=" } as const;

function readComparison(node: TreeNode, scope: ConditionScope): DraftPredicate {
  const op = OPERATORS[textOf(node["type"])];
  const { left = null, right = null } = node;
  if (op === undefined) return UNKNOWN;
  const column = readColumn(left, scope);
  return column === undefined
    ? comparison(readColumn(right, scope), TURNED[op], [left])
    : comparison(column, op, [right]);
}

/** One comparison a literal; all of them are compared with the column at once, so that one type is found for all. */
function literalsFor(column: Column, nodes: readonly JsonValue[]): readonly CastLiteral[] | undefined {
  const literals = nodes.map(readLiteral);
  const known = literals.filter((literal): literal is SqlLiteral => literal !== undefined);
  if (known.length < literals.length) return undefined;
  const type = comparedType(
    column.type,
    known.map((literal) => literal.type),
  );
  if (type === undefined) return undefined;
  return known.map((literal) => ({ sql: literal.sql, type: type(literal.type) }));
}

function comparison(
  column: Column | undefined,
  op: ComparisonOperator,
  nodes: readonly [JsonValue],
): DraftPredicate {
  const [value] = (column && literalsFor(column, nodes)) ?? [];
  return column === undefined || value === undefined
    ? UNKNOWN
    : { kind: "compare", op, column: column.path, value };
}

function readBetween(node: TreeNode, scope: ConditionScope): DraftPredicate {
  const column = readColumn(node["input"] ?? null, scope);
  const [lower, upper] =
    (column && literalsFor(column, [node["lower"] ?? null, node["upper"] ?? null])) ?? [];
  if (column === undefined || lower === undefined || upper === undefined) return UNKNOWN;
  const { path } = column;
  return {
    kind: "and",
    of: [
      { kind: "compare", op: ">=", column: path, value: lower },
      { kind: "compare", op: "<=", column: path, value: upper },
    ],
  };
}

function readOperator(node: TreeNode, scope: ConditionScope): DraftPredicate {
  const [first, ...rest] = childrenOf(node);
  if (first === undefined) return UNKNOWN;
  switch (textOf(node["type"])) {
    case "OPERATOR_NOT":
      return { kind: "not", of: readPredicate(first, scope) };
    case "OPERATOR_IS_NULL":
    case "OPERATOR_IS_NOT_NULL": {
      const column = readColumn(first, scope);
      const kind = node["type"] === "OPERATOR_IS_NULL" ? "isNull" : "isNotNull";
      return column === undefined ? UNKNOWN : { kind, column: column.path };
    }
    case "COMPARE_IN":
    case "COMPARE_NOT_IN": {
      const column = readColumn(first, scope);
      const values = column && literalsFor(column, rest);
      if (column === undefined || values === undefined) return UNKNOWN;
      const within: DraftPredicate = { kind: "in", column: column.path, values };
      return node["type"] === "COMPARE_IN" ? within : { kind: "not", of: within };
    }
    default:
      return UNKNOWN;
  }
}

function readCall(node: TreeNode, scope: ConditionScope): DraftPredicate {
  if (!["", "main"].includes(textOf(node["schema"])) || textOf(node["catalog"]) !== "") return UNKNOWN;
  const [first = null, second, ...more] = childrenOf(node);
  const column = readColumn(first, scope);
  const literal = second === undefined ? undefined : readLiteral(second);
  if (column?.type !== "string" || literal?.text === undefined || more.length > 0) return UNKNOWN;
  switch (textOf(node["function_name"])) {
    case "starts_with":
    case "^@":
      return { kind: "startsWith", column: column.path, prefix: literal.text };
    case "~~":
      return likePattern(column, literal.text);
    case "!~~":
      return { kind: "not", of: likePattern(column, literal.text) };
    default:
      return UNKNOWN;
  }
}

function likePattern({ path, type }: Column, pattern: string): DraftPredicate {
  if (pattern === "%") return { kind: "isNotNull", column: path };
  const prefix = pattern.replace(/%+$/, "");
  // A backslash escapes in LIKE only where ESCAPE says so, which is another function.
  if (/[%_\\]/.test(prefix)) return UNKNOWN;
  if (prefix.length < pattern.length) return { kind: "startsWith", column: path, prefix };
  return { kind: "compare", op: "=", column: path, value: { sql: textSql(prefix), type } };
}

function textSql(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A column, or a field of a struct; undefined for anything else and where a name may mean two things. */
function readColumn(value: JsonValue, scope: ConditionScope): Column | undefined {
  const names = namesOf(value);
  if (names === undefined) return undefined;
  const [first = "", ...rest] = names;
  const plain = columnAt(scope.schema, names);
  if (!scope.relations.some((relation) => sameName(relation, first))) return plain;
  const qualified = columnAt(scope.schema, rest);
  return plain === undefined || qualified === undefined ? (plain ?? qualified) : undefined;
}

/** The parts of `a.b`, `a['b']` and `struct_extract(a, 'b')`. */
function namesOf(value: JsonValue): readonly string[] | undefined {
  if (!isJsonObject(value)) return undefined;
  const node: TreeNode = value;
  if (node["class"] === "COLUMN_REF")
    return Array.isArray(node["column_names"]) ? node["column_names"].map(String) : undefined;
  const isExtract =
    (node["class"] === "OPERATOR" && ["ARRAY_EXTRACT", "STRUCT_EXTRACT"].includes(textOf(node["type"]))) ||
    (node["class"] === "FUNCTION" && node["function_name"] === "struct_extract" && node["schema"] === "");
  const [of, name, ...more] = isExtract ? childrenOf(node) : [];
  const outer = of === undefined ? undefined : namesOf(of);
  const text = name === undefined ? undefined : readLiteral(name)?.text;
  return outer === undefined || text === undefined || more.length > 0 ? undefined : [...outer, text];
}

function columnAt(schema: StructType, names: readonly string[]): Column | undefined {
  let type: DataType = schema;
  const path: string[] = [];
  for (const name of names) {
    if (typeof type === "string" || type.type !== "struct") return undefined;
    const field: StructField | undefined = type.fields.find((one) => sameName(one.name, name));
    if (field === undefined) return undefined;
    path.push(field.name);
    type = field.type;
  }
  return path.length > 0 && typeof type === "string" ? { path, type } : undefined;
}

/** As the engine compares names. */
function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function childrenOf(node: TreeNode): readonly TreeNode[] {
  const { children } = node;
  return Array.isArray(children)
    ? (children as readonly JsonValue[]).filter((child) => isJsonObject(child))
    : [];
}
