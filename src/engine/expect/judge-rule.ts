/** What a rule may be made of: one expression over the row, judged on the tree that the engine's parser made of it. Pure. */
import { canonical, onlyValue, queryOf, type Parsed } from "../user-sql/parse-sql.ts";
import { PLAIN_TYPES } from "../user-sql/types.ts";
import {
  findFault,
  isCalledAsAggregate,
  textOf,
  type ExpressionPolicy,
  type TreeNode,
} from "../user-sql/walk-expression.ts";
import { isAllowedFunction } from "./allowed-functions.ts";

/** What stands in the way, as the end of a sentence that begins with the rule; or the columns that the rule names. */
export type Judgement =
  | { readonly ok: false; readonly fault: string }
  | { readonly ok: true; readonly columns: readonly (readonly string[])[] };

const CLASSES: ReadonlySet<string> = new Set(
  "COLUMN_REF CONSTANT COMPARISON CONJUNCTION OPERATOR FUNCTION CASE CAST BETWEEN".split(" "),
);

export const RULE_OPERATORS: ReadonlySet<string> = new Set(
  "OPERATOR_NOT OPERATOR_IS_NULL OPERATOR_IS_NOT_NULL OPERATOR_COALESCE OPERATOR_NULLIF OPERATOR_TRY COMPARE_IN COMPARE_NOT_IN ARRAY_EXTRACT STRUCT_EXTRACT".split(
    " ",
  ),
);

/** Judges what the parser makes of `SELECT (rule)` and of `SELECT rule`: a rule must be the same with and without brackets. */
export function judgeRule(inBrackets: Parsed, bare: Parsed): Judgement {
  const expression = onlyExpression(inBrackets);
  if (typeof expression === "string") return { ok: false, fault: expression };
  const other = onlyExpression(bare);
  if (typeof other === "string" || canonical(expression) !== canonical(other))
    return { ok: false, fault: "is not one expression" };
  const columns: (readonly string[])[] = [];
  const policy: ExpressionPolicy = {
    whom: "a rule",
    classes: CLASSES,
    operators: RULE_OPERATORS,
    types: PLAIN_TYPES,
    isAllowedFunction,
    nodeFault: (node) =>
      isCalledAsAggregate(node)
        ? `calls ${textOf(node["function_name"])} as an aggregate, which a rule may not`
        : undefined,
    queryFault: () => "holds a subquery",
    seeColumn: (parts) => void columns.push(parts),
  };
  const fault = findFault(expression, policy);
  return fault === undefined ? { ok: true, columns } : { ok: false, fault };
}

/** Nothing but one value selected, from nothing; or the fault. */
function onlyExpression(parsed: Parsed): TreeNode | string {
  if ("error" in parsed)
    return parsed.isNoSelect ? "is not one expression" : `is no SQL expression: ${parsed.error}`;
  const { statements } = parsed;
  const found = statements.length === 1 ? onlyValue(queryOf(statements[0])) : undefined;
  return found ?? "is not one expression";
}
