/** The rules of a table as conditions over a relation. */
import type { StructType } from "../../schema/data-type.ts";
import { ELEMENT, KEY, keyPathText, VALUE, type KeyPath } from "../../schema/key-path.ts";
import type { GeneratedColumn, RowRule, TableRules } from "../../schema/table-rules.ts";
import { computedInPlace } from "../computed-in-place.ts";
import { quoteName, quoteText } from "../sql.ts";
import { columnsOf } from "./columns-of.ts";
import { translateCondition, translateValue } from "./translate-expression.ts";

/** The relation that the rules' conditions speak of. */
export const RULED_ROW = "landfall_row";

export interface RuleSql {
  /** What the rule is, as messages say it: `the constraint positive (a > 0)`. */
  readonly words: string;
  /** True for a row that holds it; null and an error are breaches. */
  readonly holds: string;
  /** The columns of the top that it speaks of. */
  readonly columns: readonly string[];
}

/**
 * Each rule that a row must hold, NOT NULL first, and each generated column as one. Rules of columns that the relation does not have are left
 * out by the caller's choice of `schema` and `rules`.
 *
 * @throws LandfallError EXPRESSION_UNKNOWN naming the rule and the piece of it that is not known
 */
export function ruleSql(options: {
  readonly rules: Pick<TableRules, "rows" | "generated">;
  readonly schema: StructType;
  /** Default: UTC. */
  readonly timeZone?: string;
}): RuleSql[] {
  const { rules, schema, timeZone = "UTC" } = options;
  const where: Where = { schema, timeZone, relation: RULED_ROW };
  return [
    ...rules.rows.map((rule) => rowRuleSql(rule, where)),
    ...rules.generated.map((column) => generatedSql(column, where)),
  ];
}

interface Where {
  readonly schema: StructType;
  readonly timeZone: string;
  readonly relation: string;
}

function rowRuleSql(rule: RowRule, where: Where): RuleSql {
  switch (rule.kind) {
    case "constraint":
    case "invariant": {
      const of =
        rule.kind === "constraint"
          ? `the CHECK constraint ${rule.name}`
          : `the invariant of the column ${keyPathText(rule.column)}`;
      return {
        words: `${of} (${rule.sql})`,
        // Spark takes null for a breach as well (CheckDeltaInvariant.scala: only true passes).
        holds: holds(translateCondition({ ...where, of, sql: rule.sql })),
        columns: columnsOf(rule.sql, where.schema),
      };
    }
    case "notNull": {
      const broken = isNullAt(columnSql(rule.column, where), rule.column.slice(1), 0);
      return {
        words: `NOT NULL of ${keyPathText(rule.column)}`,
        holds: `(NOT coalesce(${broken}, false))`,
        columns: [String(rule.column[0])],
      };
    }
    case "length": {
      const text = rule.column
        .slice(1)
        .reduce<string>(
          (sql, part) => `struct_extract(${sql}, ${quoteText(String(part))})`,
          columnSql(rule.column, where),
        );
      const sign = rule.isExact ? "=" : "<=";
      return {
        words: `${rule.isExact ? "CHAR" : "VARCHAR"}(${rule.most}) of ${keyPathText(rule.column)}`,
        holds: `coalesce(length(${text}) ${sign} ${rule.most}, true)`,
        columns: [String(rule.column[0])],
      };
    }
    default:
      return rule satisfies never;
  }
}

function generatedSql({ name, type, sql: text }: GeneratedColumn, where: Where): RuleSql {
  const of = `the generated column ${name}`;
  const { sql, mayFail } = translateValue({ ...where, of, sql: text, type });
  return {
    words: `${of} (${text})`,
    holds: holds({ sql: `(${columnSql([name], where)} IS NOT DISTINCT FROM ${sql})`, mayFail }),
    columns: [name, ...columnsOf(text, where.schema).filter((column) => column !== name)],
  };
}

/** What cannot be computed for a row is an error in Spark, which writes nothing then. */
function holds({ sql, mayFail }: { readonly sql: string; readonly mayFail: boolean }): string {
  if (!mayFail) return `coalesce(${sql}, false)`;
  return computedInPlace(`coalesce(TRY(${sql}), false)`);
}

function columnSql([name]: KeyPath, { relation }: Where): string {
  return `${quoteName(relation)}.${quoteName(String(name))}`;
}

/**
 * A field is null where its struct is: Spark refuses a null struct of which a field must not be null (DELTA_NOT_NULL_CONSTRAINT_VIOLATED). An
 * array or a map that is null holds nothing that could break a rule, and neither does an element that is null; there Spark has no NOT NULL.
 */
function isNullAt(sql: string, [step, ...rest]: KeyPath, depth: number): string {
  if (step === undefined) return `(${sql} IS NULL)`;
  if (typeof step === "string") {
    const field = `struct_extract(${sql}, ${quoteText(step)})`;
    if (rest.length > 0) return isNullAt(field, rest, depth);
    return depth === 0 ? `(${field} IS NULL)` : `(${sql} IS NOT NULL AND ${field} IS NULL)`;
  }
  const list = { [ELEMENT]: sql, [KEY]: `map_keys(${sql})`, [VALUE]: `map_values(${sql})` }[step];
  const item = `e${depth}`;
  return `(len(list_filter(${list}, lambda ${item}: coalesce(${isNullAt(item, rest, depth + 1)}, false))) > 0)`;
}
