/** Whether a file can hold a row that a predicate keeps: decided by its add alone. Pure. */
import type { Predicate } from "../../schema/predicate.ts";
import type { AddFile } from "../actions.ts";
import { factsOfAdd, isDecimal, type ColumnFacts } from "./column-facts.ts";
import { compareText } from "../../base/compare-text.ts";
import { compareKnown, knownValue, type KnownValue } from "./known-value.ts";
import { andOutcomes, ANY, FALSE, notOutcomes, NULL, orOutcomes, TRUE } from "./outcomes.ts";
import { findTableColumn, type PrunedTable, type TableColumn } from "../../schema/find-table-column.ts";

export interface MayMatchOptions extends PrunedTable {
  readonly predicate: Predicate;
}

/** False only where the predicate is true for no row of the file. */
export function mayMatch(
  options: MayMatchOptions & { readonly add: Pick<AddFile, "partitionValues" | "stats"> },
): boolean {
  return fileTest(options)(options.add);
}

/** `mayMatch` for many files of one table. */
export function fileTest(
  options: MayMatchOptions,
): (add: Pick<AddFile, "partitionValues" | "stats">) => boolean {
  const columns: TableColumn[] = [];
  const judge = judgeOf(options.predicate, (path) => {
    const column = findTableColumn(options, path);
    if (column !== undefined) columns.push(column);
    return column;
  });
  const needsDecimals = columns.some((column) => !column.isPartition && isDecimal(column));
  return (add) => (judge(factsOfAdd(add, needsDecimals)) & TRUE) !== 0;
}

/** Whether the predicate is true for every row of a file: told by partition values alone, which are of every row. */
export function wholeFileTest(options: MayMatchOptions): (add: Pick<AddFile, "partitionValues">) => boolean {
  const judge = judgeOf(options.predicate, (path) => findTableColumn(options, path));
  return ({ partitionValues }) => judge(factsOfAdd({ partitionValues }, false)) === TRUE;
}

type Judge = (facts: (column: TableColumn) => ColumnFacts) => number;
type FindColumn = (path: readonly string[]) => TableColumn | undefined;

const unjudged: Judge = () => ANY;

function judgeOf(predicate: Predicate, find: FindColumn): Judge {
  switch (predicate.kind) {
    case "and": {
      const judges = predicate.of.map((one) => judgeOf(one, find));
      return (facts) => judges.reduce((outcomes, judge) => andOutcomes(outcomes, judge(facts)), TRUE);
    }
    case "or": {
      const judges = predicate.of.map((one) => judgeOf(one, find));
      return (facts) => judges.reduce((outcomes, judge) => orOutcomes(outcomes, judge(facts)), FALSE);
    }
    case "not": {
      const judge = judgeOf(predicate.of, find);
      return (facts) => notOutcomes(judge(facts));
    }
    case "unknown":
      return unjudged;
    case "compare":
    case "isNull":
    case "isNotNull":
    case "in":
    case "startsWith": {
      const column = find(predicate.column);
      return column === undefined ? unjudged : judgeOfColumn(predicate, column);
    }
    default:
      return predicate satisfies never;
  }
}

type ColumnPredicate = Extract<Predicate, { readonly column: readonly string[] }>;

function judgeOfColumn(predicate: ColumnPredicate, column: TableColumn): Judge {
  switch (predicate.kind) {
    case "isNull":
      return (facts) => nullOutcomes(facts(column));
    case "isNotNull":
      return (facts) => notOutcomes(nullOutcomes(facts(column)));
    case "compare": {
      const value = knownValue(predicate.value.type, predicate.value.text);
      if (value === undefined) return unjudged;
      const { op } = predicate;
      return (facts) => ofValues(facts(column), (known) => comparison(op, relations(known, value)));
    }
    case "in": {
      const values = predicate.values.map(({ type, text }) => knownValue(type, text));
      return (facts) =>
        ofValues(facts(column), (known) =>
          values
            .map((value) => (value === undefined ? ANY : comparison("=", relations(known, value))))
            .reduce(orOutcomes, FALSE),
        );
    }
    case "startsWith": {
      const { prefix } = predicate;
      if (column.type !== "string") return unjudged;
      return (facts) => ofValues(facts(column), (known) => prefixOutcomes(known, prefix));
    }
    default:
      return predicate satisfies never;
  }
}

function nullOutcomes({ nulls }: ColumnFacts): number {
  return nulls === "none" ? FALSE : nulls === "all" ? TRUE : TRUE | FALSE;
}

/** A condition that is null for null and something else for every value. */
function ofValues(facts: ColumnFacts, outcomes: (facts: ColumnFacts) => number): number {
  if (facts.nulls === "all") return NULL;
  return outcomes(facts) | (facts.nulls === "none" ? 0 : NULL);
}

/** How values may lie to a literal. */
const LESS = 1;
const EQUAL = 2;
const GREATER = 4;
const NAN: KnownValue = { kind: "floating", value: Number.NaN };

/** Undefined where the values do not compare with the literal. */
function relations({ min, max, mayHoldNan }: ColumnFacts, value: KnownValue): number | undefined {
  const low = min === undefined ? -1 : compareKnown(min, value);
  const high = max === undefined ? 1 : compareKnown(max, value);
  if (low === undefined || high === undefined) return undefined;
  const found = (low < 0 ? LESS : 0) | (low <= 0 && high >= 0 ? EQUAL : 0) | (high > 0 ? GREATER : 0);
  if (!mayHoldNan) return found;
  return found | (value.kind === "floating" && compareKnown(NAN, value) === 0 ? EQUAL : GREATER);
}

function comparison(
  op: Extract<Predicate, { readonly kind: "compare" }>["op"],
  found: number | undefined,
): number {
  if (found === undefined) return ANY;
  const among = WHEN_TRUE[op];
  return ((found & among) !== 0 ? TRUE : 0) | ((found & ~among) !== 0 ? FALSE : 0);
}

const WHEN_TRUE = {
  "=": EQUAL,
  "<>": LESS | GREATER,
  "<": LESS,
  "<=": LESS | EQUAL,
  ">": GREATER,
  ">=": GREATER | EQUAL,
} as const;

function prefixOutcomes({ min, max }: ColumnFacts, prefix: string): number {
  const low = min?.kind === "text" ? min.text : undefined;
  const high = max?.kind === "text" ? max.text : undefined;
  const begins = (text: string | undefined): boolean => text?.startsWith(prefix) === true;
  // All values with the prefix lie together, from the prefix itself on.
  const isBelow = high !== undefined && compareText(high, prefix) < 0;
  const isAbove = low !== undefined && !begins(low) && compareText(low, prefix) > 0;
  if (isBelow || isAbove) return FALSE;
  return begins(low) && begins(high) ? TRUE : TRUE | FALSE;
}
