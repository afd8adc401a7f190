/**
 * Schemas in Spark's DDL, as people write them: `id BIGINT NOT NULL COMMENT 'x', a STRUCT<b: INT, c: ARRAY<STRING>>`, and the
 * schema hints of Auto Loader. `format-ddl.ts` is the way back.
 */
import { LandfallError } from "../base/landfall-error.ts";
import type { DataType, StructType } from "./data-type.ts";
import {
  dataType,
  expectEnd,
  fail,
  fieldList,
  identifier,
  peek,
  takeMark,
  type DdlParser,
} from "./ddl-grammar.ts";
import { DdlFaultSignal, ddlTokens, type DdlFault } from "./ddl-tokens.ts";

/** One schema hint: `items.element.price DOUBLE` has the path `["items", "element", "price"]` (databricks.md §1.6). */
export interface SchemaHint {
  readonly path: readonly string[];
  readonly type: DataType;
}

export type DdlReading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: DdlFault };

/**
 * The schema that a DDL states. Type names in any case with Spark's synonyms; DECIMAL without numbers is DECIMAL(10,0), with
 * one has scale 0; the colon between name and type may be left out or written everywhere. Elements of arrays and values of
 * maps may be null, as in Spark, whose DDL cannot say otherwise. A comment is kept under the metadata key `comment`.
 *
 * @throws LandfallError SCHEMA_INVALID with line, column and the line itself, for anything that is not a list of columns,
 * for two names of one struct that differ in case only, and for VARCHAR(n) and CHAR(n), whose lengths nobody would check
 */
export function parseDdl(text: string): StructType {
  return valueOrThrow(text, readDdl(text));
}

/**
 * One type as DDL: `BIGINT`, `STRUCT<a: INT>`.
 *
 * @throws LandfallError SCHEMA_INVALID as `parseDdl`
 */
export function parseDdlType(text: string): DataType {
  const read = reading(text, (parser) => {
    const type = dataType(parser, 0);
    expectEnd(parser);
    return type;
  });
  return valueOrThrow(text, read);
}

/**
 * Schema hints: a DDL whose names may be dotted paths, with Auto Loader's `element` (of an array), `key` and `value` (of a map).
 * A name that itself holds a dot stands in backticks. A text without any hint is an empty list.
 *
 * @throws LandfallError SCHEMA_INVALID as `parseDdl`, and for NOT NULL or COMMENT, which a hint cannot carry
 */
export function parseHints(text: string): SchemaHint[] {
  return valueOrThrow(text, readHints(text));
}

/** As `parseDdl`, with the fault as a value, for callers that report many mistakes together. */
export function readDdl(text: string): DdlReading<StructType> {
  return reading(text, (parser) => {
    const fields = fieldList(parser, "column", 0);
    expectEnd(parser);
    return { type: "struct", fields };
  });
}

/** As `parseHints`, with the fault as a value. */
export function readHints(text: string): DdlReading<SchemaHint[]> {
  return reading(text, (parser) => {
    const hints: SchemaHint[] = [];
    const seen = new Set<string>();
    while (peek(parser).kind !== "end") {
      const start = peek(parser);
      const path = hintPath(parser);
      takeMark(parser, ":");
      const type = dataType(parser, 0);
      const key = JSON.stringify(path.map((part) => part.toLowerCase()));
      if (seen.has(key)) fail(start, `${path.join(".")} has two hints`, "Keep one of them.");
      seen.add(key);
      hints.push({ path, type });
      if (!takeMark(parser, ",")) break;
      if (peek(parser).kind === "end") fail(peek(parser), "a hint is missing after the comma");
    }
    expectEnd(parser, "A hint is a name and a type, nothing else.");
    return hints;
  });
}

function reading<Value>(text: string, parse: (parser: DdlParser) => Value): DdlReading<Value> {
  try {
    return { ok: true, value: parse({ tokens: ddlTokens(text), next: 0 }) };
  } catch (error) {
    if (error instanceof DdlFaultSignal) return { ok: false, fault: error.fault };
    throw error;
  }
}

function valueOrThrow<Value>(text: string, result: DdlReading<Value>): Value {
  if (result.ok) return result.value;
  const { offset, reason, hint } = result.fault;
  const { line, column, source } = placeIn(text, offset);
  const caret = `${source.slice(0, column - 1).replaceAll(/[^\t]/g, " ")}^`;
  throw new LandfallError("SCHEMA_INVALID", {
    message: `DDL, line ${line}, column ${column}: ${reason}\n  ${source}\n  ${caret}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Line and column (both from 1) of an offset, and the line's text. */
export function placeIn(
  text: string,
  offset: number,
): { readonly line: number; readonly column: number; readonly source: string } {
  const before = text.slice(0, offset).split(/\r\n|[\r\n]/);
  const line = before.length;
  const column = before[line - 1]!.length + 1;
  return { line, column, source: text.split(/\r\n|[\r\n]/)[line - 1]! };
}

function hintPath(parser: DdlParser): string[] {
  const path = [identifier(parser, "column")];
  while (takeMark(parser, ".")) path.push(identifier(parser, "field"));
  return path;
}
