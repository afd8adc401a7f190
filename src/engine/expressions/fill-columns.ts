/** Rows that do not say all columns of their table, with those that the table itself fills. */
import { LandfallError } from "../../base/landfall-error.ts";
import type { StructField, StructType } from "../../schema/data-type.ts";
import { nextIdentity, type TableRules } from "../../schema/table-rules.ts";
import { duckdbType, quoteName } from "../sql.ts";
import { translateValue } from "./translate-expression.ts";

const ROW = "landfall_row";

export interface FillColumns {
  /** A SELECT of the columns of `given`, by the names of the table and of their types, and of the columns that `leftOut` names. */
  readonly select: string;
  /** The table's columns that the rows have, in any case. */
  readonly given: readonly string[];
  /**
   * Of columns that some of the rows leave out: by their names in lower case, the column of the SELECT that is true for those rows. Default: each row
   * has all of `given`.
   */
  readonly leftOut?: ReadonlyMap<string, string>;
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
  const { select, schema, rules, timeZone = "UTC" } = options;
  const absence = absenceOf(options);
  refuseCounted(rules, absence);
  const filled = filledBefore(options, absence);
  const generated = new Map(rules.generated.map((column) => [column.name, column]));
  const isComputed = ({ name }: StructField): boolean => generated.has(name) && absence(name) !== "never";
  const first = schema.fields.map(({ name, type }) => {
    const fill = `CAST(${filled.get(name) ?? "NULL"} AS ${duckdbType(type)})`;
    return `${chosen(absence(name), fill, quoteName(name))} AS ${quoteName(name)}`;
  });
  const computed = schema.fields.filter(isComputed);
  if (computed.length === 0) return `SELECT ${first.join(", ")} FROM (${select}) ${ROW}`;
  const flags = computed.flatMap(({ name }) => flagOf(absence(name)) ?? []);
  const all = `SELECT ${[...first, ...flags].join(", ")} FROM (${select}) ${ROW}`;
  const second = schema.fields.map((field) => {
    const { name, type } = field;
    const given = `${ROW}.${quoteName(name)}`;
    if (!isComputed(field)) return given;
    const of = `the generated column ${name}`;
    const { sql } = generated.get(name)!;
    const fill = translateValue({ sql, of, type, schema, relation: ROW, timeZone }).sql;
    return `${chosen(absence(name), fill, given)} AS ${quoteName(name)}`;
  });
  return `SELECT ${second.join(", ")} FROM (${all}) ${ROW}`;
}

/** Which rows leave a column out: all of them, none, or those for which a column is true. */
type Absence = "always" | "never" | { readonly flag: string };
type AbsenceOf = (name: string) => Absence;

function absenceOf({ given, leftOut = new Map() }: FillColumns): AbsenceOf {
  const names = new Set(given.map((name) => name.toLowerCase()));
  return (name) => {
    const lower = name.toLowerCase();
    if (!names.has(lower)) return "always";
    const flag = leftOut.get(lower);
    return flag === undefined ? "never" : { flag };
  };
}

function flagOf(absence: Absence): string | undefined {
  return typeof absence === "string" ? undefined : quoteName(absence.flag);
}

function chosen(absence: Absence, fill: string, given: string): string {
  if (absence === "never") return given;
  return absence === "always" ? fill : `CASE WHEN ${quoteName(absence.flag)} THEN ${fill} ELSE ${given} END`;
}

/** Counted values and defaults, which speak of no column. */
function filledBefore(
  { rules, now, timeZone = "UTC" }: FillColumns,
  absence: AbsenceOf,
): ReadonlyMap<string, string> {
  const filled = new Map<string, string>();
  for (const identity of rules.identities) {
    const { name, step } = identity;
    const flag = flagOf(absence(name));
    const window = flag === undefined ? "" : `PARTITION BY ${flag}`;
    filled.set(name, `${nextIdentity(identity)} + ${step} * (row_number() OVER (${window}) - 1)`);
  }
  const none: StructType = { type: "struct", fields: [] };
  for (const { name, type, sql } of rules.defaults) {
    if (absence(name) === "never") continue;
    const of = `the default of the column ${name}`;
    filled.set(name, translateValue({ sql, of, type, schema: none, relation: ROW, timeZone, now }).sql);
  }
  return filled;
}

/** PROTOCOL.md, "Identity Columns": `delta.identity.allowExplicitInsert` false means that only the table counts. */
function refuseCounted({ identities }: FillColumns["rules"], absence: AbsenceOf): void {
  const counted = identities.find((column) => !column.allowsExplicit && absence(column.name) !== "always");
  if (counted === undefined) return;
  throw new LandfallError("CONSTRAINT_VIOLATED", {
    message: `The column ${counted.name} is counted by the table (GENERATED ALWAYS AS IDENTITY), and rows bring values for it.`,
    hint: "Nothing was committed. Leave the column out of the rows.",
  });
}
