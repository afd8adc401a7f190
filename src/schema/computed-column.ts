/**
 * Columns that are computed from another one, to partition by: `date(recorded_at)`. The rule stands in the column's metadata, so that
 * every batch of every pipeline computes the same value, whatever its declaration says (docs/adr/0007).
 */
import { nearest } from "../base/nearest.ts";
import type { PrimitiveType, StructField, StructType } from "./data-type.ts";
import { expectEnd, fail, identifier, peek, takeMark, type DdlParser } from "./ddl-grammar.ts";
import { DdlFaultSignal, ddlTokens } from "./ddl-tokens.ts";
import { isColumnName } from "./source-name.ts";

/** Spark's functions of these names: `day` is that of the month, `hour` 0 to 23. */
export const COMPUTED_FUNCTIONS = {
  date: "date",
  year: "integer",
  month: "integer",
  day: "integer",
  hour: "integer",
} as const satisfies Readonly<Record<string, PrimitiveType>>;

export type ComputedFunction = keyof typeof COMPUTED_FUNCTIONS;

export interface ComputedColumn {
  readonly name: string;
  readonly function: ComputedFunction;
  /** The column that it is computed from, or a field of structs. */
  readonly of: readonly string[];
}

/** Field metadata: the expression, and the zone in which an instant has its date and hour. */
const EXPRESSION = "landfall.expression";
const TIME_ZONE = "landfall.timeZone";

/** The column as a field of the table. */
export function computedField(column: ComputedColumn, timeZone: string): StructField {
  const expression = expressionText(column);
  return {
    name: column.name,
    type: COMPUTED_FUNCTIONS[column.function],
    nullable: true,
    metadata: {
      comment: `${expression} in the time zone ${timeZone}`,
      [EXPRESSION]: expression,
      [TIME_ZONE]: timeZone,
    },
  };
}

/** The columns of a table that are computed, with their zones. */
export function computedColumnsOf(
  schema: StructType,
): { readonly column: ComputedColumn; readonly timeZone: string; readonly field: StructField }[] {
  return schema.fields.flatMap((field) => {
    const { [EXPRESSION]: expression, [TIME_ZONE]: timeZone } = field.metadata;
    if (typeof expression !== "string" || typeof timeZone !== "string") return [];
    // The name that it would make does not matter: the field has one.
    const reading = readPartition(`${expression} AS computed`);
    if (reading.kind !== "computed") return [];
    return [{ column: { ...reading.column, name: field.name }, timeZone, field }];
  });
}

/** `date(at)`; names with other characters than letters, digits and _ in backticks. */
export function expressionText({ function: name, of }: Pick<ComputedColumn, "function" | "of">): string {
  const path = of.map((part) => (/^\w+$/.test(part) ? part : `\`${part.replaceAll("`", "``")}\``));
  return `${name}(${path.join(".")})`;
}

export type PartitionReading =
  | { readonly kind: "column"; readonly name: string }
  | { readonly kind: "computed"; readonly column: ComputedColumn }
  | {
      readonly kind: "fault";
      readonly message: string;
      readonly hint?: string;
      readonly suggestion?: string;
    };

/** What a table is partitioned by: a column's name as it stands, `date(at)`, which makes `at_date`, or `date(at) AS day`. */
export function readPartition(text: string): PartitionReading {
  if (text.trim() === "") return { kind: "fault", message: "must be a column name, not empty" };
  if (!/^[^()]*\(.*\)(?:\s+as\s.*)?$/is.test(text)) return { kind: "column", name: text };
  try {
    return readComputed({ tokens: ddlTokens(text), next: 0 }, text);
  } catch (error) {
    if (!(error instanceof DdlFaultSignal)) throw error;
    return { kind: "fault", message: `cannot be read: ${error.fault.reason}`, hint: EXAMPLE };
  }
}

const EXAMPLE =
  "Write a column, or one such as date(at), year(at), month(at), day(at), hour(at), date(at) AS day.";

function readComputed(parser: DdlParser, text: string): PartitionReading {
  const written = identifier(parser, "function");
  const name = written.toLowerCase();
  if (!isFunction(name)) {
    const suggestion = nearest(name, Object.keys(COMPUTED_FUNCTIONS));
    return {
      kind: "fault",
      message: `holds the expression ${JSON.stringify(text)}, and only ${Object.keys(COMPUTED_FUNCTIONS).join(", ")} can be computed`,
      ...(suggestion === undefined ? { hint: EXAMPLE } : { suggestion: text.replace(written, suggestion) }),
    };
  }
  if (!takeMark(parser, "(")) fail(peek(parser), "expected ( after the function");
  const of = [identifier(parser, "column")];
  while (takeMark(parser, ".")) of.push(identifier(parser, "field"));
  if (!takeMark(parser, ")")) fail(peek(parser), "expected ) after the column");
  const next = peek(parser);
  const isNamed = next.kind === "word" && next.value.toLowerCase() === "as";
  if (isNamed) parser.next += 1;
  const column = isNamed ? identifier(parser, "column") : `${of.join("_")}_${name}`;
  expectEnd(parser, EXAMPLE);
  if (!isColumnName(column))
    return {
      kind: "fault",
      message: `makes the column ${JSON.stringify(column)}, whose name Spark refuses`,
      hint: "Name it: date(…) AS day.",
    };
  return { kind: "computed", column: { name: column, function: name, of } };
}

function isFunction(name: string): name is ComputedFunction {
  return Object.hasOwn(COMPUTED_FUNCTIONS, name);
}
