/** What a person may want to state that no reader can know: types behind texts, amounts of money, a column to partition by. Pure. */
import { formatDdlType } from "../../schema/format-ddl.ts";
import type { StructField, StructType } from "../../schema/data-type.ts";

/** A type that a column may be given by `schema.hints`. */
export interface HintSuggestion {
  readonly column: string;
  /** As DDL: `TIMESTAMP`. */
  readonly type: string;
  readonly why: string;
}

export interface Suggestions {
  readonly hints: readonly HintSuggestion[];
  /** An element of `table.partitionBy`. */
  readonly partitionBy: string | undefined;
  /** By column: what is worth knowing of it. */
  readonly remarks: ReadonlyMap<string, string>;
}

/** A name that needs no quotes in `date(at)`. */
const PLAIN_NAME = /^[A-Za-z_]\w*$/;

/** `rows` are some rows of the sample, in the order of the schema's fields. */
export function suggest(options: {
  readonly schema: StructType;
  readonly rows: readonly (readonly unknown[])[];
  /** Columns that Landfall fills. */
  readonly ownColumns: readonly string[];
}): Suggestions {
  const { schema, rows, ownColumns } = options;
  const hints: HintSuggestion[] = [];
  const remarks = new Map<string, string>();
  schema.fields.forEach((field, at) => {
    if (ownColumns.includes(field.name)) return;
    const values = rows.map((row) => row[at]).filter((value) => value !== null && value !== undefined);
    if (values.length === 0) return;
    const texts = values.map(String);
    if (field.type === "double") hints.push(...decimalHint(field.name, texts));
    const remark = field.type === "string" ? remarkOn(texts) : undefined;
    if (remark !== undefined) remarks.set(field.name, remark);
  });
  return { hints, partitionBy: partitionFor(schema, ownColumns), remarks };
}

/** A DECIMAL keeps amounts exact; what is no amount may have any number of digits. */
function decimalHint(column: string, texts: readonly string[]): HintSuggestion[] {
  const digits = Math.max(...texts.map(fractionDigits));
  if (digits === 0 || digits > 4) return [];
  const why = `at most ${digits} ${digits === 1 ? "digit" : "digits"} behind the point: exact, where it is an amount`;
  return [{ column, type: `DECIMAL(18,${Math.max(2, digits)})`, why }];
}

/** Why a column of texts is one, where that may surprise. No hint would help: a text in the files fits no other type than its own. */
function remarkOn(texts: readonly string[]): string | undefined {
  const isTime = (text: string): boolean => TIMESTAMP.test(text) || DATE.test(text);
  if (texts.every(isTime))
    return "dates and times are mixed, or finer than a microsecond: kept as text; a transform can cast it";
  if (texts.every((text) => /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)))
    return "numbers that are texts in the files, or too long for 64 bits: kept as text; a transform can cast it";
  return isMixed(texts) ? "numbers and other values are mixed: kept as their text" : undefined;
}

const DATE = /^\d{4}-\d\d-\d\d$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?$/;

/** 16 for a number that is written with an exponent. */
function fractionDigits(text: string): number {
  if (/e/i.test(text)) return 16;
  return (text.split(".")[1] ?? "").replace(/0+$/, "").length;
}

function isMixed(texts: readonly string[]): boolean {
  const other = /^(-?\d+(\.\d+)?|true|false|\{.*\}|\[.*\])$/s;
  const alike = texts.filter((text) => other.test(text)).length;
  return alike > 0 && alike < texts.length;
}

/** A date, else the day of a time: the first that the files have. */
function partitionFor(schema: StructType, ownColumns: readonly string[]): string | undefined {
  const fields = schema.fields.filter(({ name }) => PLAIN_NAME.test(name) && !ownColumns.includes(name));
  const date = fields.find(({ type }) => type === "date");
  if (date !== undefined) return date.name;
  const time = fields.find(({ type }) => type === "timestamp");
  return time === undefined ? undefined : `date(${time.name})`;
}

/** `price  DOUBLE` as comments show it. */
export function columnText(field: StructField): string {
  const type = formatDdlType(field.type);
  return `${field.name} ${type.length > 100 ? `${type.slice(0, 99)}…` : type}`;
}
