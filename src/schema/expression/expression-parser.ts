/** A cursor on the tokens of an expression. */
import { expressionTokens, type ExpressionToken } from "./expression-tokens.ts";
import { type Expression, ExpressionFaultSignal } from "./expression.ts";

export interface ExpressionParser {
  readonly tokens: readonly ExpressionToken[];
  next: number;
  depth: number;
  /** Reads a whole expression, such as stands in brackets. */
  readonly whole: () => Expression;
}

export function parserOf(text: string, whole: (parser: ExpressionParser) => Expression): ExpressionParser {
  const parser = { tokens: expressionTokens(text), next: 0, depth: 0, whole: () => whole(parser) };
  return parser;
}

export function peek(parser: ExpressionParser, ahead = 0): ExpressionToken {
  return parser.tokens[Math.min(parser.next + ahead, parser.tokens.length - 1)]!;
}

export function take(parser: ExpressionParser): ExpressionToken {
  const token = peek(parser);
  parser.next += 1;
  return token;
}

/** Whether a mark, or a word in any case, comes next. */
export function isAt(parser: ExpressionParser, markOrWord: string): boolean {
  const { kind, value } = peek(parser);
  return kind === "mark" ? value === markOrWord : kind === "word" && value.toLowerCase() === markOrWord;
}

export function takeMark(parser: ExpressionParser, mark: string): boolean {
  const there = isAt(parser, mark);
  if (there) parser.next += 1;
  return there;
}

export const takeWord = takeMark;

export function wantMark(parser: ExpressionParser, mark: string): ExpressionToken {
  return isAt(parser, mark) ? take(parser) : fail(peek(parser), `${mark.toUpperCase()} is missing`);
}

export const wantWord = wantMark;

/** @throws ExpressionFaultSignal */
export function fail(token: ExpressionToken, reason?: string): never {
  const what = token.kind === "end" ? "it ends too early" : "this is not known at its place";
  throw new ExpressionFaultSignal(token, reason ?? what);
}
