/** Rows that are about to be written, held against the rules of their table. */
import { LandfallError } from "../../base/landfall-error.ts";
import { printable } from "../../base/printable.ts";
import type { StructType } from "../../schema/data-type.ts";
import type { TableRules } from "../../schema/table-rules.ts";
import type { Duckdb } from "../duckdb.ts";
import { quoteName, rowAsJson } from "../sql.ts";
import { ruleSql, RULED_ROW, type RuleSql } from "./rule-sql.ts";

export interface CheckRules {
  readonly duckdb: Pick<Duckdb, "rows">;
  /** A SELECT of all the table's columns, by the names that people see and of their types. */
  readonly select: string;
  readonly schema: StructType;
  readonly rules: Pick<TableRules, "rows" | "generated">;
  /** IANA name of the zone in which an instant has its date and hour. Default: UTC. */
  readonly timeZone?: string;
  readonly signal?: AbortSignal;
}

export interface BrokenRow {
  /** What the rule is: `the CHECK constraint positive (a > 0)`. */
  readonly rule: string;
  /** The values of the columns that the rule speaks of, as the text of a JSON object. */
  readonly values: string;
}

const PLACE = "landfall_broken";
const VALUES = "landfall_values";
/** A message holds this much of a row. */
const MOST_CHARACTERS = 500;

/**
 * The first row that was found to break a rule, with the first rule that it breaks; undefined where all rows hold all rules. The rows are read
 * until one is found, and not at all where the table has no rules.
 *
 * @throws LandfallError EXPRESSION_UNKNOWN naming the rule and the piece of it that is not known: nothing was read
 */
export async function findBrokenRow(options: CheckRules): Promise<BrokenRow | undefined> {
  return findBroken({ ...options, rules: ruleSql(options) });
}

/** The same for rules that are SQL already. */
export async function findBroken(
  options: Omit<CheckRules, "rules" | "timeZone"> & { readonly rules: readonly RuleSql[] },
): Promise<BrokenRow | undefined> {
  const { duckdb, rules, signal } = options;
  if (rules.length === 0) return undefined;
  const [row] = await duckdb.rows(brokenRows(options), "hold rows against the rules of the table", signal);
  if (row === undefined) return undefined;
  return { rule: rules[Number(row[PLACE])]!.words, values: String(row[VALUES]) };
}

/**
 * Passes where all rows hold all rules of the table.
 *
 * @param options `table`: how messages name the table
 * @throws LandfallError CONSTRAINT_VIOLATED naming the rule and the row's values; EXPRESSION_UNKNOWN as `findBrokenRow`
 */
export async function checkRules(options: CheckRules & { readonly table: string }): Promise<void> {
  const broken = await findBrokenRow(options);
  if (broken !== undefined) throw constraintViolated(broken, options.table);
}

export function constraintViolated({ rule, values }: BrokenRow, table: string): LandfallError {
  const shown = values.length > MOST_CHARACTERS ? `${values.slice(0, MOST_CHARACTERS)}…` : values;
  return new LandfallError("CONSTRAINT_VIOLATED", {
    message: `A row breaks ${printable(rule)} of ${table}: ${printable(shown)}`,
    table,
  });
}

function brokenRows({
  select,
  schema,
  rules,
}: Pick<CheckRules, "select" | "schema"> & { readonly rules: readonly RuleSql[] }): string {
  const row = quoteName(RULED_ROW);
  const places = rules.map(({ holds }, i) => `WHEN NOT ${holds} THEN ${i}`).join(" ");
  const values = rules.map(({ columns }, i) => {
    const fields = schema.fields.filter(({ name }) => columns.includes(name));
    return `WHEN ${i} THEN ${fields.length === 0 ? "'{}'" : rowAsJson({ type: "struct", fields }, row)}`;
  });
  return `SELECT ${PLACE}, CASE ${PLACE} ${values.join(" ")} END AS ${VALUES}
    FROM (SELECT *, CASE ${places} END AS ${PLACE} FROM (${select}) ${row}) ${row} WHERE ${PLACE} IS NOT NULL LIMIT 1`;
}
