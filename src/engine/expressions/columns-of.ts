/** The columns that an expression speaks of. */
import type { StructType } from "../../schema/data-type.ts";
import type { Expression } from "../../schema/expression/expression.ts";
import { parseExpression } from "../../schema/expression/parse-expression.ts";

/** Of the schema's top, by the schema's names, each once, in its order. @throws ExpressionFaultSignal where the text is no expression */
export function columnsOf(sql: string, schema: StructType): string[] {
  const named = new Set(namesIn(parseExpression(sql)));
  return schema.fields.map(({ name }) => name).filter((name) => named.has(name.toLowerCase()));
}

function namesIn(expression: Expression): string[] {
  switch (expression.kind) {
    case "literal":
      return [];
    case "name":
      return [expression.path[0]!.toLowerCase()];
    case "and":
    case "or":
      return expression.of.flatMap(namesIn);
    case "not":
    case "negative":
    case "is":
    case "cast":
      return namesIn(expression.of);
    case "arithmetic":
    case "compare":
      return [expression.left, expression.right].flatMap(namesIn);
    case "between":
      return [expression.of, expression.lower, expression.upper].flatMap(namesIn);
    case "in":
      return [expression.of, ...expression.values].flatMap(namesIn);
    case "like":
      return [expression.of, expression.pattern].flatMap(namesIn);
    case "case": {
      const { operand, branches, otherwise } = expression;
      const ends = [operand, otherwise].filter((one): one is Expression => one !== undefined);
      return [...ends, ...branches.flatMap(({ when, result }) => [when, result])].flatMap(namesIn);
    }
    case "call":
      return expression.arguments.flatMap(namesIn);
    default:
      return expression satisfies never;
  }
}
