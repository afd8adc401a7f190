/** What a merge works out of each row: its clause, what it was, and what it is to be. Pure. */
import { duckdbType, quoteName } from "../sql.ts";
import type { MergeClause, MergeRequest } from "./merge-request.ts";
import { pathType } from "./path-type.ts";

export type AskedMerge = Pick<
  MergeRequest,
  "on" | "keys" | "whenMatched" | "whenNotMatched" | "whenNotMatchedBySource" | "fills" | "tellsChanges"
> & {
  readonly target: Pick<MergeRequest["target"], "schema">;
  readonly source: Pick<MergeRequest["source"], "schema">;
};

/** The number of the clause that a row falls under, from `from` on; null for none. */
export function clauseNumber(clauses: readonly MergeClause[], from: number): string {
  const cases = clauses.map(({ condition = "true" }, i) => `WHEN ${condition} THEN ${from + i}`);
  return `CASE ${cases.join(" ")} END`;
}

export interface MergeColumns {
  /** The columns of a pass: the clause, what the row was (`o0`, …), and what it is to be where that may differ (`n0`, …). */
  worked(
    this: void,
    of: {
      readonly clauses: readonly MergeClause[];
      readonly from: number;
      readonly old: OldValue;
    },
  ): readonly string[];
  /** Those that are kept of the rows to which something happens, with their places. */
  readonly kept: readonly string[];
  /** True of the rows of passes to which something happens. */
  readonly isChange: string;
  /** The numbers of the columns that an update may set, each with what is true of a row that gets another value by it. */
  readonly differs: ReadonlyMap<number, string>;
  readonly updates: string;
  readonly deletes: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A column's value before the merge, as SQL. */
export type OldValue = (name: string) => string;

export function oldInTarget(name: string): string {
  return `t.${quoteName(name)}`;
}

/**
 * In a pair a key's two columns have one value: taken from the source, the target's need not be read again, which of long texts is most of the
 * reading. Not so of floating numbers: 0.0 and -0.0 are equal and two.
 */
export function oldOfPair({ keys, target, source }: AskedMerge): OldValue {
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

export function columnsOf(request: AskedMerge): MergeColumns {
  const { fields } = request.target.schema;
  const clauses = [...request.whenMatched, ...request.whenNotMatchedBySource];
  const numbers = (areUpdates: boolean): string => {
    const of = clauses.flatMap(({ values }, i) => ((values !== undefined) === areUpdates ? [i] : []));
    return of.length === 0 ? "false" : `clause IN (${of.join(", ")})`;
  };
  const [updates, deletes] = [numbers(true), numbers(false)];
  const isKept = request.tellsChanges || updates !== "false";
  const set = fields.map(({ name }) => clauses.some(({ values }) => values?.[name] !== undefined));
  const differs = new Map(
    set.flatMap((isSet, i) => (isSet ? [[i, `n${i} IS DISTINCT FROM o${i}`] as const] : [])),
  );
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
    isChange: `${deletes} OR (${updates} AND (${["false", ...differs.values()].join(" OR ")}))`,
    differs,
    updates,
    deletes,
    before: fields.map((_, i) => `o${i}`),
    after: fields.map((_, i) => (set[i] === true ? `n${i}` : `o${i}`)),
  };
}

/** What a row is to be is asked of updates only: where no other clause can have it, what it was need not be read. */
export function newValue(
  clauses: readonly MergeClause[],
  { name, old }: { readonly name: string; readonly old: string },
): string {
  const cases = clauses.map(
    ({ condition = "true", values }) =>
      `WHEN ${condition} THEN ${values === undefined ? "NULL" : (values[name] ?? old)}`,
  );
  return `CASE ${cases.join(" ")} END`;
}
