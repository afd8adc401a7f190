/**
 * The statements of a merge. Pairs of rows are found by the columns of `on` alone, and what is to be done is worked out in a second pass,
 * over the files that have a pair: where few rows match that reads little. Pure.
 */
import { freeName } from "../../schema/source-name.ts";
import { fillColumns } from "../expressions/fill-columns.ts";
import { duckdbType, quoteName } from "../sql.ts";
import type { PlaceColumns } from "../engine.ts";
import { MERGE_CHANGE, type MergeClause, type MergeFills, type MergeRequest } from "./merge-request.ts";
import { pathType } from "./path-type.ts";

/** Relations of a merge's session. */
export const MERGE_RELATIONS = {
  /** The rows that are merged, each with a number. */
  source: '"landfall source"',
  /** Rows of the files that may have a pair, deleted ones too: they are few among the pairs. */
  candidates: '"landfall candidates"',
  /** Rows of the files that have one. */
  touched: '"landfall touched"',
  /** All rows that are not deleted. */
  live: '"landfall live"',
  /** Which row of the target belongs to which of the source. */
  pairs: '"landfall pairs"',
  /** Rows of the target that go, or get other values. */
  changed: '"landfall changed"',
} as const;

/** Names that are no column's. */
export interface MergeNames extends PlaceColumns {
  /** The number of a source row. */
  readonly source: string;
}

export interface MergeSql {
  readonly pairs: string;
  /** Target rows that are paired with several source rows of which more than one counts, with the values of their keys; one row at most. */
  readonly ambiguous: string;
  readonly changed: string;
  /** Rows of the changed, by the number of their clause. */
  readonly counts: string;
  /** See `MERGE_CHANGE`. Undefined: there can be no row. */
  readonly changes: string | undefined;
  /** Those of them that the table is to have, by the names of its columns. Undefined: there can be none. */
  readonly newRows: string | undefined;
}

const { source: SOURCE, candidates, touched, live, pairs: PAIRS, changed: CHANGED } = MERGE_RELATIONS;

type Asked = Pick<
  MergeRequest,
  "on" | "keys" | "whenMatched" | "whenNotMatched" | "whenNotMatchedBySource" | "fills" | "tellsChanges"
> & {
  readonly target: Pick<MergeRequest["target"], "schema">;
  readonly source: Pick<MergeRequest["source"], "schema">;
};

/** Every row goes that has a pair, so that it does not matter with how many. */
export function isDeleteOfAll({ whenMatched }: Pick<MergeRequest, "whenMatched">): boolean {
  const [first] = whenMatched;
  return whenMatched.length === 1 && first!.condition === undefined && first!.values === undefined;
}

export function mergeSql(request: Asked, names: MergeNames): MergeSql {
  const { on, whenMatched, whenNotMatchedBySource } = request;
  const [file, row, number] = [quoteName(names.file), quoteName(names.row), quoteName(names.source)];
  const samePlace = `t.${file} = m.${file} AND t.${row} = m.${row}`;
  const joined = (pairs: string): string =>
    `${touched} t JOIN ${pairs} m ON ${samePlace} JOIN ${SOURCE} s ON s.${number} = m.${number}`;
  const first = isDeleteOfAll(request)
    ? `(SELECT ${file}, ${row}, any_value(${number}) AS ${number} FROM ${PAIRS} GROUP BY ALL)`
    : PAIRS;
  const several = `(SELECT * FROM ${PAIRS} SEMI JOIN (SELECT ${file}, ${row} FROM ${PAIRS} GROUP BY ALL HAVING count(*) > 1) USING (${file}, ${row}))`;
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
    pairs: `CREATE TEMP TABLE ${PAIRS} AS SELECT t.${file}, t.${row}, s.${number} FROM ${candidates} t JOIN ${SOURCE} s ON ${on}`,
    ambiguous: `SELECT ${shown.map((value, i) => `${value} AS k${i}, `).join("")}count(*) AS pairs FROM ${joined(several)}
      WHERE ${isCounted} GROUP BY t.${file}, t.${row}, ${shown.join(", ")} HAVING count(*) > 1 LIMIT 1`,
    changed: `CREATE TEMP TABLE ${CHANGED} AS ${passes.length === 0 ? "SELECT 0 AS f, 0 AS p, 0 AS clause WHERE false" : `SELECT ${columns.kept.join(", ")} FROM (${passes.join("\nUNION ALL\n")}) WHERE ${columns.isChange}`}`,
    counts: `SELECT clause, count(*) AS n FROM ${CHANGED} GROUP BY clause`,
    changes: changesSql(request, { columns, number }),
    newRows: newRowsSql(request, { columns, number }),
  };
}

/** The number of the clause that a row falls under, from `from` on; null for none. */
function clauseNumber(clauses: readonly MergeClause[], from: number): string {
  const cases = clauses.map(({ condition = "true" }, i) => `WHEN ${condition} THEN ${from + i}`);
  return `CASE ${cases.join(" ")} END`;
}

interface MergeColumns {
  /** The columns of a pass: the clause, what the row was (`o0`, …), and what it is to be where that may differ (`n0`, …). */
  worked(of: {
    readonly clauses: readonly MergeClause[];
    readonly from: number;
    readonly old: OldValue;
  }): readonly string[];
  /** Those that are kept of the rows to which something happens, with their places. */
  readonly kept: readonly string[];
  /** True of the rows of passes to which something happens. */
  readonly isChange: string;
  readonly updates: string;
  readonly deletes: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A column's value before the merge, as SQL. */
type OldValue = (name: string) => string;

function oldInTarget(name: string): string {
  return `t.${quoteName(name)}`;
}

/**
 * In a pair a key's two columns have one value: taken from the source, the target's need not be read again, which of long texts is most of the
 * reading. Not so of floating numbers: 0.0 and -0.0 are equal and two.
 */
function oldOfPair({ keys, target, source }: Asked): OldValue {
  const same = keys.flatMap((key) => {
    const [own, other] = [pathType(target.schema, key.target), pathType(source.schema, key.source)];
    const isSame =
      typeof own === "string" && own !== "float" && own !== "double" && duckdbType(own) === duckdbType(other);
    return key.target.length === 1 && isSame
      ? [[key.target[0]!, `s.${key.source.map(quoteName).join(".")}`] as const]
      : [];
  });
  const bySource = new Map(same);
  return (name) => bySource.get(name) ?? oldInTarget(name);
}

function columnsOf(request: Asked): MergeColumns {
  const { fields } = request.target.schema;
  const clauses = [...request.whenMatched, ...request.whenNotMatchedBySource];
  const numbers = (areUpdates: boolean): string => {
    const of = clauses.flatMap(({ values }, i) => ((values !== undefined) === areUpdates ? [i] : []));
    return of.length === 0 ? "false" : `clause IN (${of.join(", ")})`;
  };
  const [updates, deletes] = [numbers(true), numbers(false)];
  const isKept = request.tellsChanges || updates !== "false";
  const set = fields.map(({ name }) => clauses.some(({ values }) => values?.[name] !== undefined));
  const differs = set.flatMap((isSet, i) => (isSet ? [`n${i} IS DISTINCT FROM o${i}`] : []));
  return {
    worked: ({ clauses: own, from, old }) => [
      `${clauseNumber(own, from)} AS clause`,
      ...(isKept ? fields.map(({ name }, i) => `${old(name)} AS o${i}`) : []),
      ...fields.flatMap(({ name }, i) =>
        set[i] === true ? [`${newValue(own, { name, old: old(name) })} AS n${i}`] : [],
      ),
    ],
    kept: [
      "f",
      "p",
      "clause",
      ...fields.flatMap((_, i) => (isKept && (request.tellsChanges || set[i] !== true) ? [`o${i}`] : [])),
      ...fields.flatMap((_, i) => (set[i] === true ? [`n${i}`] : [])),
    ],
    isChange: `${deletes} OR (${updates} AND (${["false", ...differs].join(" OR ")}))`,
    updates,
    deletes,
    before: fields.map((_, i) => `o${i}`),
    after: fields.map((_, i) => (set[i] === true ? `n${i}` : `o${i}`)),
  };
}

function newValue(
  clauses: readonly MergeClause[],
  { name, old }: { readonly name: string; readonly old: string },
): string {
  const cases = clauses.map(
    ({ condition = "true", values }) => `WHEN ${condition} THEN ${values?.[name] ?? old}`,
  );
  return `CASE ${cases.join(" ")} ELSE ${old} END`;
}

function changesSql(
  request: Asked,
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
  request: Asked,
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
function updatedRows(request: Asked, { after, updates }: MergeColumns): string {
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

function insertedRows(request: Asked, number: string): string {
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
function filledRows({ target: { schema }, fills: { now } }: Asked, of: RowsOfClauses): string {
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
