/**
 * The statements of a merge. Pairs of rows are found by the columns of `on` alone, and what is to be done is worked out in a second pass,
 * over the files that have a pair: where few rows match that reads little. Pure.
 */
import { freeName } from "../../schema/source-name.ts";
import { fillColumns } from "../expressions/fill-columns.ts";
import { duckdbType, quoteName } from "../sql.ts";
import { MERGE_CHANGE, type MergeClause, type MergeFills, type MergeRequest } from "./merge-request.ts";
import {
  clauseNumber,
  columnsOf,
  oldInTarget,
  oldOfPair,
  type AskedMerge,
  type MergeColumns,
} from "./merge-columns.ts";
import { MERGE_RELATIONS, type MergeNames } from "./merge-relations.ts";
import { stepwiseSql, type StepwiseSql } from "./stepwise-sql.ts";

export interface MergeSql {
  /** @param read the number of a column that is read with the keys. Default: there is none */
  pairs(this: void, read?: number): string;
  /** Gives the pairs of target rows that have several. */
  readonly several: string;
  /** Of these a target row of which more than one counts, with the values of its keys; one row at most. */
  readonly ambiguous: string;
  /** Gives the changed: all columns of all pairs are looked at. */
  readonly changed: string;
  /** The same in steps; undefined where that would gain nothing. */
  readonly stepwise: StepwiseSql | undefined;
  /** Rows of the changed, by the number of their clause. */
  readonly counts: string;
  /** See `MERGE_CHANGE`. Undefined: there can be no row. */
  readonly changes: string | undefined;
  /** Those of them that the table is to have, by the names of its columns. Undefined: there can be none. */
  readonly newRows: string | undefined;
}

const { source: SOURCE, candidates, touched, live, pairs: PAIRS, changed: CHANGED } = MERGE_RELATIONS;

/** Every row goes that has a pair, so that it does not matter with how many. */
function isDeleteOfAll({ whenMatched }: Pick<MergeRequest, "whenMatched">): boolean {
  const [first] = whenMatched;
  return whenMatched.length === 1 && first!.condition === undefined && first!.values === undefined;
}

/** Whether a row of the target may have several pairs. As in Spark that is so of inserts alone, but not where rows go that no source row matches. */
export function takesSeveral(request: Pick<MergeRequest, "whenMatched" | "whenNotMatchedBySource">): boolean {
  const addsOnly = request.whenMatched.length + request.whenNotMatchedBySource.length === 0;
  return addsOnly || isDeleteOfAll(request);
}

export function mergeSql(request: AskedMerge, names: MergeNames): MergeSql {
  const { on, whenMatched, whenNotMatchedBySource } = request;
  const [file, row, number] = [quoteName(names.file), quoteName(names.row), quoteName(names.source)];
  const samePlace = `t.${file} = m.${file} AND t.${row} = m.${row}`;
  const joined = (pairs: string): string =>
    `${touched} t JOIN ${pairs} m ON ${samePlace} JOIN ${SOURCE} s ON s.${number} = m.${number}`;
  const first = isDeleteOfAll(request)
    ? `(SELECT ${file}, ${row}, any_value(${number}) AS ${number} FROM ${PAIRS} GROUP BY ALL)`
    : PAIRS;
  const shown = request.keys.map(({ target }) => `CAST(t.${target.map(quoteName).join(".")} AS VARCHAR)`);
  // As Spark counts: beside clauses of other kinds a second pair is one too many, whatever the clauses would do with it.
  const isMatchedOnly = request.whenNotMatched.length + whenNotMatchedBySource.length === 0;
  const isCounted = isMatchedOnly ? `${clauseNumber(whenMatched, 0)} IS NOT NULL` : "true";
  const columns = columnsOf(request);
  const place = `t.${file} AS f, t.${row} AS p`;
  const matched = columns.worked({ clauses: whenMatched, from: 0, old: oldOfPair(request) });
  const unmatched = columns.worked({
    clauses: whenNotMatchedBySource,
    from: whenMatched.length,
    old: oldInTarget,
  });
  const passes = [
    ...(whenMatched.length === 0 ? [] : [`SELECT ${[place, ...matched].join(", ")} FROM ${joined(first)}`]),
    ...(whenNotMatchedBySource.length === 0
      ? []
      : [`SELECT ${[place, ...unmatched].join(", ")} FROM ${live} t ANTI JOIN ${PAIRS} m ON ${samePlace}`]),
  ];
  return {
    pairs: (read) => {
      const { fields } = request.target.schema;
      const old = read === undefined ? "" : `, t.${quoteName(fields[read]!.name)} AS ${quoteName(names.old)}`;
      return `SELECT t.${file}, t.${row}, s.${number}${old} FROM ${candidates} t JOIN ${SOURCE} s ON ${on}`;
    },
    several: `SELECT * FROM ${PAIRS} SEMI JOIN (SELECT ${file}, ${row} FROM ${PAIRS} GROUP BY ALL HAVING count(*) > 1) USING (${file}, ${row})`,
    ambiguous: `SELECT ${shown.map((value, i) => `${value} AS k${i}, `).join("")}count(*) AS pairs FROM ${joined(MERGE_RELATIONS.several)}
      WHERE ${isCounted} GROUP BY t.${file}, t.${row}, ${shown.join(", ")} HAVING count(*) > 1 LIMIT 1`,
    changed:
      passes.length === 0
        ? "SELECT 0 AS f, 0 AS p, 0 AS clause WHERE false"
        : `SELECT ${columns.kept.join(", ")} FROM (${passes.join("\nUNION ALL\n")}) WHERE ${columns.isChange}`,
    stepwise: stepwiseSql(request, { names, columns }),
    counts: `SELECT clause, count(*) AS n FROM ${CHANGED} GROUP BY clause`,
    changes: changesSql(request, { columns, number }),
    newRows: newRowsSql(request, { columns, number }),
  };
}

function changesSql(
  request: AskedMerge,
  { columns, number }: { readonly columns: MergeColumns; readonly number: string },
): string | undefined {
  const { whenNotMatched, tellsChanges } = request;
  const { fields } = request.target.schema;
  const told = (of: readonly string[], where: string, change: string): string[] =>
    where === "false"
      ? []
      : [
          `SELECT ${of.map((value, i) => `${value} AS c${i}`).join(", ")}, '${change}' AS ${MERGE_CHANGE} FROM ${CHANGED} WHERE ${where}`,
        ];
  const filled = (rows: string, change: string): string =>
    `SELECT ${fields.map(({ name }, i) => `${quoteName(name)} AS c${i}`).join(", ")}, '${change}' AS ${MERGE_CHANGE} FROM (${rows})`;
  const selects = [
    ...(columns.updates === "false" ? [] : [filled(updatedRows(request, columns), "update_postimage")]),
    ...(tellsChanges ? told(columns.before, columns.updates, "update_preimage") : []),
    ...(tellsChanges ? told(columns.before, columns.deletes, "delete") : []),
    ...(whenNotMatched.length === 0 ? [] : [filled(insertedRows(request, number), "insert")]),
  ];
  return selects.length === 0 ? undefined : selects.join("\nUNION ALL\n");
}

function newRowsSql(
  request: AskedMerge,
  { columns, number }: { readonly columns: MergeColumns; readonly number: string },
): string | undefined {
  const names = request.target.schema.fields.map(({ name }) => quoteName(name)).join(", ");
  const selects = [
    ...(columns.updates === "false" ? [] : [updatedRows(request, columns)]),
    ...(request.whenNotMatched.length === 0 ? [] : [insertedRows(request, number)]),
  ];
  if (selects.length === 0) return undefined;
  return selects.map((rows) => `SELECT ${names} FROM (${rows})`).join("\nUNION ALL\n");
}

/** What the table computes of other columns follows them where the row's clause does not set it. */
function updatedRows(request: AskedMerge, { after, updates }: MergeColumns): string {
  const { whenMatched, whenNotMatchedBySource, fills } = request;
  return filledRows(request, {
    rules: { ...fills.rules, defaults: [], identities: [] },
    filled: fills.rules.generated,
    clauses: [...whenMatched, ...whenNotMatchedBySource],
    clause: "clause",
    values: after,
    from: `${CHANGED} WHERE ${updates}`,
  });
}

function insertedRows(request: AskedMerge, number: string): string {
  const { target, whenNotMatched, fills } = request;
  const { generated, defaults, identities } = fills.rules;
  const clause = clauseNumber(whenNotMatched, 0);
  return filledRows(request, {
    rules: fills.rules,
    filled: [...generated, ...defaults, ...identities],
    clauses: whenNotMatched,
    clause,
    values: target.schema.fields.map(({ name, type }) => {
      const cases = whenNotMatched.map(
        ({ condition = "true", values }) => `WHEN ${condition} THEN ${values?.[name] ?? "NULL"}`,
      );
      return `CAST(CASE ${cases.join(" ")} END AS ${duckdbType(type)})`;
    }),
    from: `${SOURCE} s
            WHERE NOT EXISTS (SELECT 1 FROM ${PAIRS} m WHERE m.${number} = s.${number}) AND ${clause} IS NOT NULL`,
  });
}

interface RowsOfClauses {
  readonly rules: MergeFills["rules"];
  /** Columns that the table gives a value where a clause leaves them out. */
  readonly filled: readonly { readonly name: string }[];
  readonly clauses: readonly MergeClause[];
  /** The number of a row's clause. */
  readonly clause: string;
  /** Of the table's columns, in their order. */
  readonly values: readonly string[];
  readonly from: string;
}

/** A SELECT of the table's columns by their names. */
function filledRows({ target: { schema }, fills: { now } }: AskedMerge, of: RowsOfClauses): string {
  const { rules, filled, clauses, clause, values, from } = of;
  const names = new Set(filled.map(({ name }) => name));
  const taken = new Set(schema.fields.map(({ name }) => name.toLowerCase()));
  const giving = clauses.flatMap((one, at) => (one.values === undefined ? [] : [{ at, values: one.values }]));
  const given: string[] = [];
  const list: string[] = [];
  const leftOut = new Map<string, string>();
  for (const [i, { name }] of schema.fields.entries()) {
    const without = names.has(name) ? giving.filter((one) => one.values[name] === undefined) : [];
    if (without.length > 0 && without.length === giving.length) continue;
    given.push(name);
    list.push(`${values[i]!} AS ${quoteName(name)}`);
    if (without.length === 0) continue;
    const flag = freeName(`landfall_left_out_${i}`, taken);
    leftOut.set(name.toLowerCase(), flag);
    list.push(`${clause} IN (${without.map(({ at }) => at).join(", ")}) AS ${quoteName(flag)}`);
  }
  const select = `SELECT ${list.length === 0 ? "1" : list.join(", ")} FROM ${from}`;
  return fillColumns({ select, given, leftOut, schema, rules, now });
}
