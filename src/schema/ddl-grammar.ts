/**
 * The grammar of Spark's DDL by recursive descent: fields and types (SqlBaseParser.g4: colTypeList, complexColTypeList,
 * dataType), over a cursor on the tokens. A mistake leaves as a `DdlFaultSignal`; `ddl.ts` turns it into a value.
 */
import { nearest } from "../base/nearest.ts";
import { nullableField, type DataType, type StructField, type StructType } from "./data-type.ts";
import { DdlFaultSignal, type DdlToken } from "./ddl-tokens.ts";

export interface DdlParser {
  readonly tokens: readonly DdlToken[];
  next: number;
}

/** Deeper than any table and shallow enough for the recursion. */
const MAX_NESTING = 100;

const SIMPLE_TYPES: ReadonlyMap<string, DataType> = new Map<string, DataType>([
  ["STRING", "string"],
  ["BIGINT", "long"],
  ["LONG", "long"],
  ["INT", "integer"],
  ["INTEGER", "integer"],
  ["SMALLINT", "short"],
  ["SHORT", "short"],
  ["TINYINT", "byte"],
  ["BYTE", "byte"],
  ["FLOAT", "float"],
  ["REAL", "float"],
  ["DOUBLE", "double"],
  ["BOOLEAN", "boolean"],
  ["BINARY", "binary"],
  ["DATE", "date"],
  ["TIMESTAMP", "timestamp"],
  ["TIMESTAMP_LTZ", "timestamp"],
  ["TIMESTAMP_NTZ", "timestamp_ntz"],
]);
const DECIMALS = ["DECIMAL", "DEC", "NUMERIC"];
const NESTED = ["STRUCT", "ARRAY", "MAP"];

/** Types of other systems, or of Spark, that have no place here; with what to write instead. */
const REFUSED_TYPES: Readonly<Record<string, string>> = {
  VARCHAR: "Delta keeps no length of a text and Landfall would not check one: write STRING.",
  CHAR: "Delta keeps no length of a text and Landfall would not pad to one: write STRING.",
  CHARACTER: "Delta keeps no length of a text and Landfall would not pad to one: write STRING.",
  TEXT: "Write STRING.",
  BOOL: "Write BOOLEAN.",
  DATETIME: "Write TIMESTAMP (an instant) or TIMESTAMP_NTZ (a wall clock without zone).",
  NUMBER: "Write DECIMAL(precision, scale), BIGINT or DOUBLE.",
  TIME: "Write STRING; Delta has no time of day.",
  INTERVAL: "Write STRING or BIGINT; Delta keeps no intervals.",
  VARIANT: "Write STRING, which keeps the JSON text; this version writes no variants.",
  JSON: "Write STRING, which keeps the JSON text, or a STRUCT.",
  VOID: "Give the column the type that its values will have.",
};

export function fail(token: DdlToken, reason: string, hint?: string): never {
  throw new DdlFaultSignal({ offset: token.start, reason, ...(hint === undefined ? {} : { hint }) });
}

export function peek(parser: DdlParser): DdlToken {
  return parser.tokens[Math.min(parser.next, parser.tokens.length - 1)]!;
}

function take(parser: DdlParser): DdlToken {
  const token = peek(parser);
  parser.next += 1;
  return token;
}

export function takeMark(parser: DdlParser, mark: string): boolean {
  const token = peek(parser);
  const there = token.kind === "mark" && token.value === mark;
  if (there) parser.next += 1;
  return there;
}

function takeWord(parser: DdlParser, word: string): boolean {
  const token = peek(parser);
  const there = token.kind === "word" && token.value.toUpperCase() === word;
  if (there) parser.next += 1;
  return there;
}

function expectMark(parser: DdlParser, mark: string, where: string): void {
  if (!takeMark(parser, mark))
    fail(peek(parser), `expected ${mark} ${where}, not ${described(peek(parser))}`);
}

export function expectEnd(parser: DdlParser, hint?: string): void {
  const token = peek(parser);
  if (token.kind === "end") return;
  const clauses = /^(?:DEFAULT|GENERATED|COLLATE|PRIMARY|CONSTRAINT|CHECK|MASK)$/i;
  fail(
    token,
    token.kind === "word" && clauses.test(token.value)
      ? `${token.value.toUpperCase()} is not supported here`
      : `expected a comma or the end, not ${described(token)}`,
    hint ?? "A column is a name, a type, NOT NULL and COMMENT 'text'; the last two may be left out.",
  );
}

function described(token: DdlToken): string {
  return token.kind === "end" ? "the end" : JSON.stringify(token.value);
}

export function fieldList(parser: DdlParser, what: "column" | "field", depth: number): StructField[] {
  const fields: StructField[] = [];
  const seen = new Map<string, string>();
  do {
    if (fields.length > 0 && peek(parser).kind === "end")
      fail(peek(parser), `a ${what} is missing after the comma`);
    const start = peek(parser);
    const field = structField(parser, what, depth);
    // Delta and Spark take names that differ only by case as one.
    const earlier = seen.get(field.name.toLowerCase());
    if (earlier !== undefined) {
      const twice = earlier === field.name ? "stands twice" : `and ${earlier} differ only by case`;
      fail(
        start,
        `the ${what} ${field.name} ${twice}`,
        "Names are compared without case; rename or drop one.",
      );
    }
    seen.set(field.name.toLowerCase(), field.name);
    fields.push(field);
  } while (takeMark(parser, ","));
  return fields;
}

function structField(parser: DdlParser, what: "column" | "field", depth: number): StructField {
  const name = identifier(parser, what);
  takeMark(parser, ":");
  const type = dataType(parser, depth);
  const field = nullableField(name, type);
  const nullable = !takeWord(parser, "NOT");
  if (!nullable && !takeWord(parser, "NULL")) fail(peek(parser), "expected NULL after NOT");
  if (!takeWord(parser, "COMMENT")) return { ...field, nullable };
  const comment = take(parser);
  if (comment.kind !== "text") fail(comment, "expected the comment's text in quotes after COMMENT");
  return { ...field, nullable, metadata: { comment: comment.value } };
}

export function identifier(parser: DdlParser, what: string): string {
  const token = take(parser);
  if (token.kind === "number")
    fail(token, `the ${what} name ${token.value} is a number`, "Put it in backticks.");
  if (token.kind !== "word" && token.kind !== "quoted") {
    fail(token, `expected a ${what} name, not ${described(token)}`);
  }
  if (token.value === "") fail(token, `the ${what} has an empty name`);
  return token.value;
}

export function dataType(parser: DdlParser, depth: number): DataType {
  const token = take(parser);
  if (token.kind !== "word") fail(token, `expected a type, not ${described(token)}`);
  if (depth > MAX_NESTING) fail(token, `types are nested deeper than ${MAX_NESTING}`);
  const name = token.value.toUpperCase();
  const simple = SIMPLE_TYPES.get(name);
  if (simple !== undefined) {
    const open = peek(parser);
    if (open.kind === "mark" && open.value === "(") fail(open, `${name} takes no numbers`);
    return simple;
  }
  if (DECIMALS.includes(name)) return decimalType(parser);
  switch (name) {
    case "STRUCT":
      return structType(parser, depth);
    case "ARRAY":
      return arrayType(parser, depth);
    case "MAP":
      return mapType(parser, depth);
    default:
      return unknownType(token);
  }
}

function unknownType(token: DdlToken): never {
  const refused = REFUSED_TYPES[token.value.toUpperCase()];
  if (refused !== undefined) fail(token, `the type ${token.value.toUpperCase()} is not supported`, refused);
  const near = nearest(token.value, [...SIMPLE_TYPES.keys(), ...DECIMALS, ...NESTED]);
  fail(
    token,
    `unknown type ${JSON.stringify(token.value)}`,
    near === undefined ? undefined : `Did you mean ${near}?`,
  );
}

function structType(parser: DdlParser, depth: number): StructType {
  expectMark(parser, "<", "after STRUCT");
  const next = peek(parser);
  if (next.kind === "mark" && next.value === ">") {
    fail(next, "the STRUCT has no fields", "Parquet cannot hold a struct without fields; use STRING.");
  }
  const fields = fieldList(parser, "field", depth + 1);
  expectMark(parser, ">", "or a comma after the field");
  return { type: "struct", fields };
}

function arrayType(parser: DdlParser, depth: number): DataType {
  expectMark(parser, "<", "after ARRAY");
  const elementType = dataType(parser, depth + 1);
  expectMark(parser, ">", "after the type of ARRAY's elements");
  return { type: "array", elementType, containsNull: true };
}

function mapType(parser: DdlParser, depth: number): DataType {
  expectMark(parser, "<", "after MAP");
  const keyType = dataType(parser, depth + 1);
  expectMark(parser, ",", "after the type of MAP's keys");
  const valueType = dataType(parser, depth + 1);
  expectMark(parser, ">", "after the type of MAP's values");
  return { type: "map", keyType, valueType, valueContainsNull: true };
}

function decimalType(parser: DdlParser): DataType {
  if (!takeMark(parser, "(")) return "decimal(10,0)";
  const start = peek(parser);
  const precision = wholeNumber(parser, "precision");
  if (precision < 1 || precision > 38) fail(start, `the precision ${precision} is not between 1 and 38`);
  const second = parser.tokens[parser.next + 1] ?? start;
  const scale = takeMark(parser, ",") ? wholeNumber(parser, "scale") : 0;
  if (scale < 0 || scale > precision) {
    fail(second, `the scale ${scale} is not between 0 and the precision, ${precision}`);
  }
  expectMark(parser, ")", "after DECIMAL's numbers");
  return `decimal(${precision},${scale})`;
}

function wholeNumber(parser: DdlParser, what: string): number {
  const token = take(parser);
  if (token.kind !== "number") fail(token, `expected DECIMAL's ${what}, not ${described(token)}`);
  return Number(token.value);
}
