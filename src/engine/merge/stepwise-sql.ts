/**
 * An update changes a row as soon as one column differs, and what the row is to be comes from its source row: where one column differs nearly always (a
 * time of change, a number that counts up), it is read together with the pairs, and no other column of the table need be read. Pure.
 */
import type { DataType } from "../../schema/data-type.ts";
import { duckdbType, quoteName } from "../sql.ts";
import { clauseNumber, newValue, oldOfPair, type AskedMerge, type MergeColumns } from "./merge-columns.ts";
import { MERGE_RELATIONS, type MergeNames } from "./merge-relations.ts";

export interface StepwiseSql {
  /** The numbers of the columns that may be read with the pairs; one at least. */
  readonly columns: readonly number[];
  /** Of a few rows: how many pairs are updates, as `updates`, and in how many of these a column differs, as `d` and its number. */
  readonly sample: string;
  /**
   * Gives the changed among the pairs by the column that was read with them. A SELECT that needs others of the table's, such as for a clause's
   * condition, does not bind.
   */
  differingIn(this: void, column: number): string;
  /** The same of no pairs, by one of the columns. */
  readonly ofNone: string;
  /** The pairs that are not among the changed. */
  readonly undecided: string;
  /** Gives those of these that differ in another column. */
  differingInOthers(this: void, column: number): string;
}

/** Rows of the sample: they lie next to each other, so that little is read for them. */
const SAMPLED_ROWS = 20_000;

const { source, sampled, looked, pairs, undecided: undecidedPairs, changed } = MERGE_RELATIONS;

/** Undefined where no column could be read instead of others, or what all rows were is to be told. */
export function stepwiseSql(
  request: AskedMerge,
  { names, columns }: { readonly names: MergeNames; readonly columns: MergeColumns },
): StepwiseSql | undefined {
  const { on, target, whenMatched, whenNotMatchedBySource, tellsChanges } = request;
  const { differs, kept, deletes, updates, worked } = columns;
  const { fields } = target.schema;
  const choice = [...differs.keys()].filter((column) => isOfFixedSize(fields[column]!.type));
  if (tellsChanges || whenNotMatchedBySource.length > 0 || differs.size < 2) return undefined;
  if (choice.length === 0) return undefined;
  const [file, row, number, old] = [names.file, names.row, names.source, names.old].map(quoteName);
  const list = kept.join(", ");
  const ofPair = oldOfPair(request);
  const work = worked({ clauses: whenMatched, from: 0, old: ofPair }).join(", ");
  const ofSource = `JOIN ${source} s ON s.${number} = m.${number}`;
  const differingIn = (column: number, from: string): string => {
    const was = (name: string): string => (name === fields[column]!.name ? `m.${old}` : ofPair(name));
    const values = fields.flatMap(({ name }, i) => [
      ...(kept.includes(`o${i}`) || i === column ? [`${was(name)} AS o${i}`] : []),
      ...(differs.has(i) ? [`${newValue(whenMatched, { name, old: was(name) })} AS n${i}`] : []),
    ]);
    const all = [`m.${file} AS f, m.${row} AS p, ${clauseNumber(whenMatched, 0)} AS clause`, ...values];
    return `SELECT ${list} FROM (SELECT ${all.join(", ")} FROM ${from} m ${ofSource}) WHERE ${deletes} OR (${updates} AND ${differs.get(column)!})`;
  };
  const [one] = choice;
  const oldOfNone = `CAST(NULL AS ${duckdbType(fields[one!]!.type)}) AS ${old}`;
  const counts = [...differs].map(([column, isOther]) => `count(*) FILTER (${isOther}) AS d${column}`);
  return {
    columns: choice,
    // The rows first, so that they and not the source are what the join keeps at hand: of the source it then reads little but the keys.
    sample: `WITH r AS MATERIALIZED (SELECT * FROM ${sampled} WHERE ${row} < ${SAMPLED_ROWS} LIMIT ${SAMPLED_ROWS})
      SELECT count(*) AS updates, ${counts.join(", ")} FROM (SELECT ${work} FROM r t JOIN ${source} s ON ${on}) WHERE ${updates}`,
    differingIn: (column) => differingIn(column, pairs),
    ofNone: differingIn(one!, `(SELECT 0 AS ${file}, 0 AS ${row}, 0 AS ${number}, ${oldOfNone})`),
    undecided: `SELECT * FROM ${pairs} m ANTI JOIN ${changed} c ON m.${file} = c.f AND m.${row} = c.p`,
    differingInOthers: (column) => {
      const others = [...differs].flatMap(([other, isOther]) => (other === column ? [] : [isOther]));
      const joined = `${looked} t JOIN ${undecidedPairs} m ON t.${file} = m.${file} AND t.${row} = m.${row} ${ofSource}`;
      return `SELECT ${list} FROM (SELECT t.${file} AS f, t.${row} AS p, ${work} FROM ${joined}) WHERE ${updates} AND (${others.join(" OR ")})`;
    },
  };
}

/** What is read in little time, and makes the pairs little larger. */
function isOfFixedSize(type: DataType): boolean {
  return typeof type === "string" && type !== "string" && type !== "binary" && type !== "variant";
}
