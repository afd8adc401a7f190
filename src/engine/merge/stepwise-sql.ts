/**
 * Merges of which what a row is to be comes from its source row. Which of them change is found while the pairs are: by all columns that updates set, or,
 * since an update changes a row as soon as one column differs, by one that differs nearly always (a time of change, a number that counts up). Pure.
 */
import type { DataType } from "../../schema/data-type.ts";
import { quoteName } from "../sql.ts";
import { clauseNumber, newValue, oldOfPair, type AskedMerge, type MergeColumns } from "./merge-columns.ts";
import { MERGE_RELATIONS, type MergeNames } from "./merge-relations.ts";

export interface StepwiseSql {
  /** The numbers of the columns of which one may be read with the keys, instead of all. */
  readonly columns: readonly number[];
  /** Of a few rows: how many pairs are updates, as `updates`, and in how many of these a column differs, as `d` and its number. */
  readonly sample: string;
  /** Gives the pairs, and of each as `MergeNames.old` whether it changes its row. */
  readonly comparedPairs: string;
  /** Gives the changed among these. */
  readonly comparedChanged: string;
  /** The same of no pairs: it does not bind where what a row is to be is not told by its source row alone, such as for a clause's condition. */
  readonly ofNone: string;
  /** Gives the changed among the pairs by the column that was read with them. */
  differingIn(this: void, column: number): string;
  /** Whether every pair is among the changed, as `all_changed`. */
  readonly areAllChanged: string;
  /** The pairs that are not among the changed. */
  readonly undecided: string;
  /** Gives those of these that differ in another column. */
  differingInOthers(this: void, column: number): string;
}

/** Rows of the sample: they lie next to each other, so that little is read for them. */
export const SAMPLED_ROWS = 20_000;

const { source, candidates, sampled, looked, pairs, undecided: undecidedPairs, changed } = MERGE_RELATIONS;

/** Undefined where one column is all that updates set, or what all rows were is to be told. */
export function stepwiseSql(
  request: AskedMerge,
  { names, columns }: { readonly names: MergeNames; readonly columns: MergeColumns },
): StepwiseSql | undefined {
  const { on, target, whenMatched, whenNotMatchedBySource, tellsChanges } = request;
  const { differs, kept, isChange, deletes, updates, worked } = columns;
  const { fields } = target.schema;
  const choice = [...differs.keys()].filter((column) => isOfFixedSize(fields[column]!.type));
  if (tellsChanges || whenNotMatchedBySource.length > 0 || differs.size < 2) return undefined;
  const [file, row, number, old] = [names.file, names.row, names.source, names.old].map(quoteName);
  const list = kept.join(", ");
  const ofPair = oldOfPair(request);
  const work = worked({ clauses: whenMatched, from: 0, old: ofPair }).join(", ");
  const ofSource = `JOIN ${source} s ON s.${number} = m.${number}`;
  const told = (from: string, column?: number): string => {
    const was = (name: string, i: number): string => (i === column ? `m.${old}` : ofPair(name));
    const values = fields.flatMap(({ name }, i) => [
      ...(kept.includes(`o${i}`) || i === column ? [`${was(name, i)} AS o${i}`] : []),
      ...(differs.has(i) ? [`${newValue(whenMatched, { name, old: was(name, i) })} AS n${i}`] : []),
    ]);
    const all = [`m.${file} AS f, m.${row} AS p, ${clauseNumber(whenMatched, 0)} AS clause`, ...values];
    return `SELECT ${all.join(", ")} FROM ${from} m ${ofSource}`;
  };
  const counts = [...differs].map(([column, isOther]) => `count(*) FILTER (${isOther}) AS d${column}`);
  return {
    columns: choice,
    // The rows first, so that they and not the source are what the join keeps at hand: of the source it then reads little but the keys.
    sample: `WITH r AS MATERIALIZED (SELECT * FROM ${sampled} WHERE ${row} < ${SAMPLED_ROWS} LIMIT ${SAMPLED_ROWS})
      SELECT count(*) AS updates, ${counts.join(", ")} FROM (SELECT ${work} FROM r t JOIN ${source} s ON ${on}) WHERE ${updates}`,
    comparedPairs: `SELECT ${file}, ${row}, ${number}, ${isChange} AS ${old}
      FROM (SELECT t.${file}, t.${row}, s.${number}, ${work} FROM ${candidates} t JOIN ${source} s ON ${on})`,
    comparedChanged: `SELECT ${list} FROM (${told(`(SELECT * FROM ${pairs} WHERE ${old})`)})`,
    ofNone: told(`(SELECT 0 AS ${file}, 0 AS ${row}, 0 AS ${number} WHERE false)`),
    differingIn: (column) =>
      `SELECT ${list} FROM (${told(pairs, column)}) WHERE ${deletes} OR (${updates} AND ${differs.get(column)!})`,
    areAllChanged: `SELECT (SELECT count(*) FROM ${pairs}) = (SELECT count(*) FROM ${changed}) AS all_changed`,
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
