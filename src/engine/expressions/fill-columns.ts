/** Rows that do not say all columns of their table, with those that the table itself fills. */
import { LandfallError } from "../../base/landfall-error.ts";
import type { StructType } from "../../schema/data-type.ts";
import { nextIdentity, type TableRules } from "../../schema/table-rules.ts";
import { duckdbType, quoteName } from "../sql.ts";
import { translateValue } from "./translate-expression.ts";

const ROW = "landfall_row";

export interface FillColumns {
  /** A SELECT of the columns of `given`, by the names that people see and of their types. */
  readonly select: string;
  /** The table's columns that the rows have, in any case. */
  readonly given: readonly string[];
  readonly schema: StructType;
  readonly rules: Pick<TableRules, "generated" | "defaults" | "identities">;
  /** What `current_timestamp()` of a default means, as ISO text in UTC: one for all rows of a write. */
  readonly now: string;
  /** IANA name of the zone in which an instant has its date and hour. Default: UTC. */
  readonly timeZone?: string;
}

/**
 * A SELECT of all of the table's columns, in order: those that are given as they are, counted ones, defaults, generated ones, null for the rest.
 * Generated columns that are given are not computed; `checkRules` holds them against their expression.
 *
 * @throws LandfallError EXPRESSION_UNKNOWN naming the column and the piece of its expression that is not known; CONSTRAINT_VIOLATED for a counted
 *   column that may not be given
 */
export function fillColumns(options: FillColumns): string {
  const { select, schema, rules, now, timeZone = "UTC" } = options;
  const given = new Set(options.given.map((name) => name.toLowerCase()));
  const isAbsent = ({ name }: { readonly name: string }): boolean => !given.has(name.toLowerCase());
  refuseCounted(options.rules, isAbsent);
  const filled = new Map<string, string>();
  for (const identity of rules.identities.filter(isAbsent)) {
    const next = nextIdentity(identity);
    filled.set(identity.name, `CAST(${next} + ${identity.step} * (row_number() OVER () - 1) AS BIGINT)`);
  }
  for (const { name, type, sql } of rules.defaults.filter(isAbsent)) {
    const of = `the default of the column ${name}`;
    // A default speaks of no column.
    const none: StructType = { type: "struct", fields: [] };
    filled.set(name, translateValue({ sql, of, type, schema: none, relation: ROW, timeZone, now }).sql);
  }
  const generated = new Map(rules.generated.filter(isAbsent).map((column) => [column.name, column]));
  const first = schema.fields.map((field) => {
    const value = isAbsent(field) ? (filled.get(field.name) ?? "NULL") : quoteName(field.name);
    return `${isAbsent(field) ? `CAST(${value} AS ${duckdbType(field.type)})` : value} AS ${quoteName(field.name)}`;
  });
  const all = `SELECT ${first.join(", ")} FROM (${select}) ${ROW}`;
  if (generated.size === 0) return all;
  const second = schema.fields.map(({ name }) => {
    const column = generated.get(name);
    if (column === undefined) return `${ROW}.${quoteName(name)}`;
    const of = `the generated column ${name}`;
    const { sql } = translateValue({
      sql: column.sql,
      of,
      type: column.type,
      schema,
      relation: ROW,
      timeZone,
    });
    return `${sql} AS ${quoteName(name)}`;
  });
  return `SELECT ${second.join(", ")} FROM (${all}) ${ROW}`;
}

/** PROTOCOL.md, "Identity Columns": `delta.identity.allowExplicitInsert` false means that only the table counts. */
function refuseCounted(
  { identities }: FillColumns["rules"],
  isAbsent: (column: { readonly name: string }) => boolean,
): void {
  const counted = identities.find((column) => !column.allowsExplicit && !isAbsent(column));
  if (counted === undefined) return;
  throw new LandfallError("CONSTRAINT_VIOLATED", {
    message: `The column ${counted.name} is counted by the table (GENERATED ALWAYS AS IDENTITY), and rows bring values for it.`,
    hint: "Nothing was committed. Leave the column out of the rows.",
  });
}
