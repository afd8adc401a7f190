/** The tokens of an expression, as Spark's lexer cuts them (SqlBaseLexer.g4); comments are left out. */
import { unescapeText } from "../ddl-tokens.ts";
import { ExpressionFaultSignal, type Place } from "./expression.ts";

export interface ExpressionToken extends Place {
  readonly kind: "word" | "quoted" | "text" | "number" | "mark" | "end";
  /** A quoted name and a text without their quotes and escapes. */
  readonly value: string;
}

const SPACE = /(?:\s|--[^\r\n]*|\/\*(?!\+)(?:(?!\/\*)[\s\S])*?\*\/)+/y;
const NUMBER = /(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:e[+-]?[0-9]+)?(?:bd|[lsyfd])?(?![\p{L}\p{M}\p{N}_])/iuy;
const WORD = /[\p{L}\p{M}\p{N}_]+/uy;
const QUOTED = /`((?:[^`]|``)*)`/y;
const RAW_TEXT = /r(?:'([^']*)'|"([^"]*)")/iy;
const TEXT = /'((?:[^'\\]|\\[\s\S])*)'|"((?:[^"\\]|\\[\s\S])*)"/y;
const MARK = /<=>|<>|!=|==|<=|>=|\|\||[=<>+\-*/%(),.!]/y;

/** The last one is `end`. @throws ExpressionFaultSignal */
export function expressionTokens(text: string): ExpressionToken[] {
  const tokens: ExpressionToken[] = [];
  let at = 0;
  for (;;) {
    at += match(SPACE, text, at)?.[0].length ?? 0;
    if (at >= text.length) break;
    const token = nextToken(text, at);
    if (token.kind === "text" && tokens.at(-1)?.kind === "text")
      throw new ExpressionFaultSignal(
        { start: tokens.at(-1)!.start, end: token.end },
        "two texts in a row mean one thing to Spark 3 and another to Spark 4",
      );
    tokens.push(token);
    at = token.end;
  }
  return [...tokens, { kind: "end", value: "", start: text.length, end: text.length }];
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function nextToken(text: string, start: number): ExpressionToken {
  const token = (kind: ExpressionToken["kind"], length: number, value: string): ExpressionToken => ({
    kind,
    value,
    start,
    end: start + length,
  });
  const quoted = match(QUOTED, text, start);
  if (quoted) return token("quoted", quoted[0].length, quoted[1]!.replaceAll("``", "`"));
  const raw = match(RAW_TEXT, text, start);
  if (raw) return token("text", raw[0].length, raw[1] ?? raw[2] ?? "");
  const literal = match(TEXT, text, start);
  if (literal) {
    const held = literal[1] ?? literal[2] ?? "";
    const place = { start, end: start + literal[0].length };
    if (/\\U/.test(held)) throw new ExpressionFaultSignal(place, "the escape \\U is not known");
    return token("text", literal[0].length, unescapeText(held));
  }
  for (const [kind, pattern] of [
    ["number", NUMBER],
    ["word", WORD],
    ["mark", MARK],
  ] as const) {
    const found = match(pattern, text, start);
    if (found) return token(kind, found[0].length, found[0]);
  }
  const character = String.fromCodePoint(text.codePointAt(start)!);
  const isQuote = "`'\"".includes(character);
  throw new ExpressionFaultSignal(
    { start, end: isQuote ? text.length : start + character.length },
    isQuote ? `the quote ${character} is never closed` : `${character} is not known`,
  );
}
