/** What stands between the operators of an expression: literals, columns, calls, CASE, CAST, brackets. */
import type { PrimitiveType } from "../data-type.ts";
import { type Expression, ExpressionFaultSignal, type Place } from "./expression.ts";
import {
  fail,
  isAt,
  peek,
  take,
  takeMark,
  takeWord,
  wantMark,
  wantWord,
  type ExpressionParser,
} from "./expression-parser.ts";
import type { ExpressionToken } from "./expression-tokens.ts";
import { numberLiteral } from "./number-literal.ts";

/** Words that are no name where they stand bare. */
const KEYWORDS: ReadonlySet<string> = new Set(
  "all and any as between case cast distinct div else end escape except exists extract false from having ilike in interval is like limit not null on or over regexp rlike select then true try_cast unknown when where with".split(
    " ",
  ),
);

/** @param minus of a number that follows */
export function parsePrimary(parser: ExpressionParser, minus?: ExpressionToken): Expression {
  const token = peek(parser);
  switch (token.kind) {
    case "number":
      return numberLiteral(take(parser), minus);
    case "text":
      take(parser);
      return { kind: "literal", type: "string", text: token.value, ...placeOf(token) };
    case "quoted":
      return parseName(parser);
    case "mark": {
      if (!takeMark(parser, "(")) return fail(token);
      const inner = parser.whole();
      const end = wantMark(parser, ")").end;
      // A field of what stands in brackets, and a row of several values, are not known.
      if (isAt(parser, ".")) fail(peek(parser));
      return { ...inner, start: token.start, end };
    }
    case "word":
      return parseWord(parser);
    case "end":
    default:
      return fail(token);
  }
}

const TYPED_TEXTS: ReadonlyMap<string, PrimitiveType> = new Map<string, PrimitiveType>([
  ["date", "date"],
  ["timestamp", "timestamp"],
  ["timestamp_ltz", "timestamp"],
  ["timestamp_ntz", "timestamp_ntz"],
  ["x", "binary"],
]);

function parseWord(parser: ExpressionParser): Expression {
  const token = peek(parser);
  const word = token.value.toLowerCase();
  const next = peek(parser, 1);
  const type = TYPED_TEXTS.get(word);
  if (next.kind === "text" && type !== undefined) {
    parser.next += 2;
    const place = { start: token.start, end: next.end };
    if (type === "binary") {
      if (!/^(?:[0-9a-f]{2})*$/i.test(next.value))
        throw new ExpressionFaultSignal(place, "these are no bytes");
      return { kind: "literal", type, text: next.value, ...place };
    }
    const text: Expression = { kind: "literal", type: "string", text: next.value, ...placeOf(next) };
    return { kind: "cast", of: text, to: type, ...place };
  }
  if (word === "case") return parseCase(parser);
  if (word === "cast" && next.value === "(") return parseCast(parser);
  if (word === "null" || word === "true" || word === "false") {
    take(parser);
    return { kind: "literal", type: word === "null" ? "void" : "boolean", text: word, ...placeOf(token) };
  }
  if (KEYWORDS.has(word)) return fail(token);
  if (next.kind === "mark" && next.value === "(") return parseCall(parser);
  return parseName(parser);
}

function parseName(parser: ExpressionParser): Expression {
  const first = take(parser);
  const path = [first.value];
  let { end } = first;
  while (takeMark(parser, ".")) {
    const part = take(parser);
    if (part.kind !== "word" && part.kind !== "quoted") fail(part);
    path.push(part.value);
    ({ end } = part);
  }
  if (isAt(parser, "(")) fail(peek(parser));
  return { kind: "name", path, start: first.start, end };
}

function parseCall(parser: ExpressionParser): Expression {
  const name = take(parser);
  wantMark(parser, "(");
  const args: Expression[] = [];
  if (!isAt(parser, ")")) {
    args.push(parser.whole());
    while (takeMark(parser, ",")) args.push(parser.whole());
  }
  const { end } = wantMark(parser, ")");
  if (isAt(parser, "over") || isAt(parser, ".")) fail(peek(parser));
  return { kind: "call", name: name.value.toLowerCase(), arguments: args, start: name.start, end };
}

function parseCase(parser: ExpressionParser): Expression {
  const { start } = take(parser);
  const operand = isAt(parser, "when") ? undefined : parser.whole();
  const branches = [];
  while (takeWord(parser, "when")) {
    const when = parser.whole();
    wantWord(parser, "then");
    branches.push({ when, result: parser.whole() });
  }
  const otherwise = takeWord(parser, "else") ? parser.whole() : undefined;
  const { end } = branches.length === 0 ? fail(peek(parser)) : wantWord(parser, "end");
  return {
    kind: "case",
    ...(operand && { operand }),
    branches,
    ...(otherwise && { otherwise }),
    start,
    end,
  };
}

const CAST_TYPES: ReadonlyMap<string, PrimitiveType> = new Map<string, PrimitiveType>([
  ["string", "string"],
  ["bigint", "long"],
  ["long", "long"],
  ["int", "integer"],
  ["integer", "integer"],
  ["smallint", "short"],
  ["short", "short"],
  ["tinyint", "byte"],
  ["byte", "byte"],
  ["float", "float"],
  ["real", "float"],
  ["double", "double"],
  ["boolean", "boolean"],
  ["binary", "binary"],
  ["date", "date"],
  ["timestamp", "timestamp"],
  ["timestamp_ltz", "timestamp"],
  ["timestamp_ntz", "timestamp_ntz"],
]);
const DECIMALS: ReadonlySet<string> = new Set(["decimal", "dec", "numeric"]);

function parseCast(parser: ExpressionParser): Expression {
  const { start } = take(parser);
  wantMark(parser, "(");
  const of = parser.whole();
  wantWord(parser, "as");
  const to = parseType(parser);
  const { end } = wantMark(parser, ")");
  return { kind: "cast", of, to, start, end };
}

function parseType(parser: ExpressionParser): PrimitiveType {
  const name = take(parser);
  const word = name.kind === "word" ? name.value.toLowerCase() : "";
  const simple = CAST_TYPES.get(word);
  if (simple !== undefined) return simple;
  if (!DECIMALS.has(word)) return fail(name, "a cast to this type is not known");
  let [precision, scale] = [10, 0];
  if (takeMark(parser, "(")) {
    precision = wholeNumber(parser);
    scale = takeMark(parser, ",") ? wholeNumber(parser) : 0;
    wantMark(parser, ")");
  }
  if (precision < 1 || precision > 38 || scale > precision) fail(name, "a DECIMAL has 1 to 38 digits");
  return `decimal(${precision},${scale})`;
}

function wholeNumber(parser: ExpressionParser): number {
  const token = take(parser);
  return token.kind === "number" && /^[0-9]+$/.test(token.value) ? Number(token.value) : fail(token);
}

function placeOf({ start, end }: Place): Place {
  return { start, end };
}
