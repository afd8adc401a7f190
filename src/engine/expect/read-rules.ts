/** Reads the rules of `expect`: parsed by the engine, judged before a file is opened, bound to the table's columns before a row is written. */
import { isLandfallError, LandfallError, messageOf } from "../../base/landfall-error.ts";
import type { StructType } from "../../schema/data-type.ts";
import type { Duckdb } from "../duckdb.ts";
import type { ExpectRule } from "../engine.ts";
import { nullColumns } from "../sql.ts";
import { parseSql } from "../user-sql/parse-sql.ts";
import { judgeRule } from "./judge-rule.ts";

/** A rule that may be put into a statement over a relation called `batch`, in brackets. */
export interface ReadRule extends ExpectRule {
  /** Names as written, by part: `["a", "b"]` for `a.b`. */
  readonly columns: readonly (readonly string[])[];
}

/** Far above what a person writes, far below what makes the parser slow. */
const MAX_RULE_LENGTH = 10_000;
const MAX_RULES = 200;

const READING = "read a rule of expect";

/** What `batch.column` names the row by. */
export const ROW_NAME = "batch";

/** @throws LandfallError EXPECT_INVALID that names the rule and what it may not hold */
export async function readRules(duckdb: Duckdb, rules: readonly ExpectRule[]): Promise<ReadRule[]> {
  if (rules.length > MAX_RULES)
    throw invalid(`expect has ${rules.length} rules; the most is ${MAX_RULES}.`, "Join some with AND.");
  const read: ReadRule[] = [];
  for (const rule of rules) {
    if (rule.sql.length > MAX_RULE_LENGTH)
      throw refused(rule, `is longer than ${MAX_RULE_LENGTH} characters`);
    const judged = judgeRule(
      await parseSql(duckdb, `SELECT (\n${rule.sql}\n)`, READING),
      await parseSql(duckdb, `SELECT \n${rule.sql}\n`, READING),
    );
    if (!judged.ok) throw refused(rule, judged.fault);
    read.push({ ...rule, columns: judged.columns });
  }
  return read;
}

/** @throws LandfallError EXPECT_INVALID for a rule that names no column of the table, or whose value is not true or false */
export async function bindRules(
  duckdb: Duckdb,
  rules: readonly ReadRule[],
  schema: StructType,
): Promise<void> {
  if (rules.length === 0) return;
  const names = new Set(schema.fields.map((field) => field.name.toLowerCase()));
  const nulls = nullColumns(schema);
  for (const rule of rules) {
    // DuckDB takes `user` or `current_date` for a function where no column has that name.
    const unknown = rule.columns.find((parts) => !isColumn(parts, names));
    if (unknown !== undefined) {
      throw invalid(
        `The rule ${rule.name} of expect names ${unknown.join(".")}, and the table has no such column.`,
        "Nothing was committed. Correct the name, or give the column a type in schema.hints, so that the table has it from the start.",
      );
    }
    const type = await typeOf(duckdb, rule, nulls);
    if (type !== "BOOLEAN") throw refused(rule, `is a ${type}, not true or false`);
  }
}

function isColumn([first = "", second]: readonly string[], names: ReadonlySet<string>): boolean {
  if (names.has(first.toLowerCase())) return true;
  return first.toLowerCase() === ROW_NAME && second !== undefined && names.has(second.toLowerCase());
}

async function typeOf(duckdb: Duckdb, rule: ReadRule, nulls: string): Promise<string> {
  try {
    const [column] = await duckdb.columns(
      `SELECT (\n${rule.sql}\n) AS rule FROM (SELECT ${nulls}) ${ROW_NAME}`,
      "find the columns that a rule of expect names",
    );
    return String(column!.type);
  } catch (error) {
    if (!isLandfallError(error, "ENGINE_FAILED")) throw error;
    throw refused(rule, `cannot be computed: ${faultOfBinding(messageOf(error.cause))}`);
  }
}

/** The engine's words; of types that do not go together what a person may do about them. */
function faultOfBinding(message: string): string {
  const [first = ""] = message.split("\n", 1);
  const call = /No function matches the given name and argument types '(.+?)\((.*)\)'/.exec(first);
  if (call === null) return first.replace(/^(?:\w+ ){1,4}?Error: /, "").replace(/[.!]+$/, "");
  const [, name, types] = call as unknown as readonly [string, string, string];
  const given = types.replaceAll("_LITERAL", "");
  return `${name} does not take (${given}); give a column another type in schema.hints, or in the rule: TRY_CAST(… AS DOUBLE)`;
}

function refused(rule: ExpectRule, fault: string): LandfallError {
  return invalid(
    `The rule ${rule.name} of expect ${fault}.`,
    "Nothing was committed. A rule is one SQL expression over the columns of the row, true for rows to keep: comparisons, AND, OR, NOT, IN, BETWEEN, LIKE, CASE, TRY_CAST and functions of text, numbers, times and lists.",
  );
}

function invalid(message: string, hint: string): LandfallError {
  return new LandfallError("EXPECT_INVALID", { message, hint });
}
