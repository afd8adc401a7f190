/**
 * The tokens of Spark DDL: words, `quoted names`, 'text', numbers and marks, each with its place, as Spark's own lexer cuts them
 * (SqlBaseLexer.g4); both kinds of comments are left out.
 */
export type DdlToken =
  | {
      readonly kind: "word" | "quoted" | "text" | "number";
      readonly value: string;
      readonly start: number;
      readonly end: number;
    }
  | { readonly kind: "mark"; readonly value: string; readonly start: number; readonly end: number }
  | { readonly kind: "end"; readonly value: ""; readonly start: number; readonly end: number };

/** Why a DDL cannot be read, and where: `offset` counts UTF-16 units from its beginning. */
export interface DdlFault {
  readonly offset: number;
  readonly reason: string;
  readonly hint?: string;
}

/** Carries a fault out of the recursive descent; never leaves `schema/ddl*.ts`. */
export class DdlFaultSignal extends Error {
  readonly fault: DdlFault;

  constructor(fault: DdlFault) {
    super(fault.reason);
    this.fault = fault;
  }
}

const SPACE = /(?:\s|--[^\r\n]*|\/\*[\s\S]*?\*\/)+/y;
const NUMBER = /-?[0-9]+(?![\p{L}\p{M}\p{N}_])/uy;
const WORD = /[\p{L}\p{M}\p{N}_]+/uy;
const QUOTED = /`((?:[^`]|``)*)`/y;
const TEXT = /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"/y;
const MARKS = "<>(),:.";

/** Cuts a DDL into tokens; the last one is `end`. @throws DdlFaultSignal */
export function ddlTokens(text: string): DdlToken[] {
  const tokens: DdlToken[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (;;) {
    at += match(SPACE)?.[0].length ?? 0;
    if (at >= text.length) break;
    const token = nextToken(text, at, match);
    tokens.push(token);
    at = token.end;
  }
  return [...tokens, { kind: "end", value: "", start: text.length, end: text.length }];
}

function nextToken(
  text: string,
  start: number,
  match: (pattern: RegExp) => RegExpExecArray | null,
): DdlToken {
  const character = text[start]!;
  if (MARKS.includes(character)) return { kind: "mark", value: character, start, end: start + 1 };
  const quoted = match(QUOTED);
  if (quoted) {
    const value = quoted[1]!.replaceAll("``", "`");
    return { kind: "quoted", value, start, end: start + quoted[0].length };
  }
  const literal = match(TEXT);
  if (literal) {
    const value = unescapeText(literal[0].slice(1, -1), literal[0][0]);
    return { kind: "text", value, start, end: start + literal[0].length };
  }
  for (const [kind, pattern] of [
    ["number", NUMBER],
    ["word", WORD],
  ] as const) {
    const found = match(pattern);
    if (found) return { kind, value: found[0], start, end: start + found[0].length };
  }
  throw new DdlFaultSignal(strayCharacter(text, start));
}

function strayCharacter(text: string, offset: number): DdlFault {
  const character = String.fromCodePoint(text.codePointAt(offset)!);
  if ("`'\"".includes(character)) return { offset, reason: `the quote ${character} is never closed` };
  if (text.startsWith("/*", offset)) return { offset, reason: "the comment is never closed" };
  return {
    offset,
    reason: `unexpected ${JSON.stringify(character)}`,
    hint: "Write a name with other characters than letters, digits and _ in backticks: `odd name` STRING.",
  };
}

const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  b: "\b",
  n: "\n",
  r: "\r",
  t: "\t",
  Z: "\u001a",
  // Spark keeps the backslash of LIKE's two escapes.
  "%": "\\%",
  _: "\\_",
};

/**
 * As Spark's unescapeSQLString: octal, \uXXXX, the named ones, and otherwise the character itself.
 *
 * @param quote of which a doubled one is one. Default: none
 */
export function unescapeText(text: string, quote = ""): string {
  return text.replace(
    /\\(?:([0-1][0-7]{2})|u([0-9a-fA-F]{4})|([\s\S]))|''|""/g,
    (all: string, octal?: string, hex?: string, other?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (other !== undefined) return ESCAPES[other] ?? other;
      return quote !== "" && all === quote + quote ? quote : all;
    },
  );
}
