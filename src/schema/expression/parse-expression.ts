/**
 * Spark's grammar of expressions by recursive descent (SqlBaseParser.g4: booleanExpression, predicate, valueExpression, primaryExpression),
 * of which a comparison binds closer than IS, IN, BETWEEN and LIKE. What a table's rules can hold is read; all else is refused by its place.
 */
import type { ArithmeticOperator, ComparingOperator, Expression, Place } from "./expression.ts";
import { ExpressionFaultSignal } from "./expression.ts";
import {
  fail,
  isAt,
  parserOf,
  peek,
  take,
  takeMark,
  takeWord,
  wantMark,
  wantWord,
  type ExpressionParser,
} from "./expression-parser.ts";
import { parsePrimary } from "./parse-primary.ts";

/** Deeper than what a person writes, and shallow enough for the recursion. */
const MAX_NESTING = 64;

/** @throws ExpressionFaultSignal where the text is none that is known */
export function parseExpression(text: string): Expression {
  const parser = parserOf(text, parseOr);
  const expression = parseOr(parser);
  if (peek(parser).kind !== "end") fail(peek(parser));
  return expression;
}

function parseOr(parser: ExpressionParser): Expression {
  parser.depth += 1;
  if (parser.depth > MAX_NESTING)
    throw new ExpressionFaultSignal(peek(parser), `it is nested deeper than ${MAX_NESTING} levels`);
  const or = joined(parser, "or", () => joined(parser, "and", () => parseNot(parser)));
  parser.depth -= 1;
  return or;
}

function joined(parser: ExpressionParser, kind: "and" | "or", next: () => Expression): Expression {
  const of = [next()];
  while (takeWord(parser, kind)) of.push(next());
  return of.length === 1 ? of[0]! : { kind, of, ...around(of[0]!, of.at(-1)!) };
}

function parseNot(parser: ExpressionParser): Expression {
  const nots: Place[] = [];
  while (isAt(parser, "not") || isAt(parser, "!")) nots.push(take(parser));
  let expression = parsePredicate(parser);
  for (const not of nots.toReversed())
    expression = { kind: "not", of: expression, ...around(not, expression) };
  return expression;
}

function parsePredicate(parser: ExpressionParser): Expression {
  const of = parseComparison(parser);
  if (takeWord(parser, "is")) return parseIs(parser, of);
  const isNegated = takeWord(parser, "not");
  const found = parsePositive(parser, of);
  if (found === undefined) return isNegated ? fail(peek(parser)) : of;
  return isNegated ? { kind: "not", of: found, ...around(of, found) } : found;
}

function parsePositive(parser: ExpressionParser, of: Expression): Expression | undefined {
  if (takeWord(parser, "between")) {
    const lower = parseComparison(parser);
    wantWord(parser, "and");
    const upper = parseComparison(parser);
    return { kind: "between", of, lower, upper, ...around(of, upper) };
  }
  if (takeWord(parser, "in")) {
    wantMark(parser, "(");
    const values = [parseOr(parser)];
    while (takeMark(parser, ",")) values.push(parseOr(parser));
    return { kind: "in", of, values, ...around(of, wantMark(parser, ")")) };
  }
  if (takeWord(parser, "like")) {
    const pattern = parseComparison(parser);
    if (!takeWord(parser, "escape"))
      return { kind: "like", of, pattern, escape: "\\", ...around(of, pattern) };
    const escape = take(parser);
    if (escape.kind !== "text" || escape.value.length !== 1) fail(escape);
    return { kind: "like", of, pattern, escape: escape.value, ...around(of, escape) };
  }
  if (takeWord(parser, "rlike") || takeWord(parser, "regexp")) {
    const pattern = parseComparison(parser);
    return { kind: "call", name: "rlike", arguments: [of, pattern], ...around(of, pattern) };
  }
  return undefined;
}

function parseIs(parser: ExpressionParser, of: Expression): Expression {
  const isNegated = takeWord(parser, "not");
  const positive = isOf(parser, of);
  return isNegated ? { ...around(of, positive), kind: "not", of: positive } : positive;
}

function isOf(parser: ExpressionParser, of: Expression): Expression {
  if (takeWord(parser, "distinct")) {
    wantWord(parser, "from");
    const right = parseComparison(parser);
    const same: Expression = { kind: "compare", op: "<=>", left: of, right, ...around(of, right) };
    return { ...around(of, right), kind: "not", of: same };
  }
  const word = peek(parser);
  for (const [name, what] of [
    ["null", "null"],
    ["unknown", "null"],
    ["true", "true"],
    ["false", "false"],
  ] as const) {
    if (takeWord(parser, name)) return { kind: "is", of, what, ...around(of, word) };
  }
  return fail(word);
}

const COMPARING: ReadonlyMap<string, ComparingOperator> = new Map([
  ["=", "="],
  ["==", "="],
  ["<>", "<>"],
  ["!=", "<>"],
  ["<", "<"],
  ["<=", "<="],
  [">", ">"],
  [">=", ">="],
  ["<=>", "<=>"],
]);

function parseComparison(parser: ExpressionParser): Expression {
  let left = parseSum(parser);
  for (;;) {
    const op = markOf(parser, COMPARING);
    if (op === undefined) return left;
    const right = parseSum(parser);
    left = { kind: "compare", op, left, right, ...around(left, right) };
  }
}

const SUMS: ReadonlyMap<string, ArithmeticOperator | "||"> = new Map([
  ["+", "+"],
  ["-", "-"],
  ["||", "||"],
]);
const PRODUCTS: ReadonlyMap<string, ArithmeticOperator> = new Map([
  ["*", "*"],
  ["/", "/"],
  ["%", "%"],
]);

function parseSum(parser: ExpressionParser): Expression {
  let left = parseProduct(parser);
  for (;;) {
    const op = markOf(parser, SUMS);
    if (op === undefined) return left;
    const right = parseProduct(parser);
    const place = around(left, right);
    left =
      op === "||"
        ? { kind: "call", name: "concat", arguments: [left, right], ...place }
        : { kind: "arithmetic", op, left, right, ...place };
  }
}

function parseProduct(parser: ExpressionParser): Expression {
  let left = parseSigned(parser);
  for (;;) {
    const op = takeWord(parser, "div") ? "div" : markOf(parser, PRODUCTS);
    if (op === undefined) return left;
    const right = parseSigned(parser);
    left = { kind: "arithmetic", op, left, right, ...around(left, right) };
  }
}

function parseSigned(parser: ExpressionParser): Expression {
  const signs = [];
  while (isAt(parser, "-") || isAt(parser, "+")) signs.push(take(parser));
  // A minus right before digits belongs to the number, or the smallest ones could not be written.
  const isLiteral = signs.at(-1)?.value === "-" && peek(parser).kind === "number";
  const minus = isLiteral ? signs.pop() : undefined;
  let expression = parsePrimary(parser, minus);
  for (const sign of signs.toReversed())
    if (sign.value === "-") expression = { kind: "negative", of: expression, ...around(sign, expression) };
  return expression;
}

function markOf<T>(parser: ExpressionParser, marks: ReadonlyMap<string, T>): T | undefined {
  const token = peek(parser);
  const found = token.kind === "mark" ? marks.get(token.value) : undefined;
  if (found !== undefined) take(parser);
  return found;
}

function around(first: Place, last: Place): Place {
  return { start: first.start, end: last.end };
}
