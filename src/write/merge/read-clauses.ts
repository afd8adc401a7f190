/** The clauses of a merge as SQL that the engine has read: conditions and values of their columns' types. */
import { LandfallError } from "../../base/landfall-error.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { KeyPair, MergeClause, ClauseCondition } from "../../engine/merge/merge-request.ts";
import { quoteName } from "../../engine/sql.ts";
import type { StructType } from "../../schema/data-type.ts";
import type { Predicate } from "../../schema/predicate.ts";
import type { TableRules } from "../../schema/table-rules.ts";
import type { TableParts } from "../../table/table-access.ts";
import { filledColumns } from "../rows/check-new-rows.ts";
import { columnValues } from "../rows/column-values.ts";
import { refuseIdentity } from "../rows/updated-rules.ts";
import type { MergeClauses, MergedValues } from "./merge-options.ts";

export interface ReadClauses {
  readonly on: string;
  readonly keys: readonly KeyPair[];
  readonly isByKeysAlone: boolean;
  /** What statistics can judge of the target's rows that `on` may be true for. */
  readonly ofTarget: Predicate;
  readonly whenMatched: readonly MergeClause[];
  readonly whenNotMatched: readonly MergeClause[];
  readonly whenNotMatchedBySource: readonly MergeClause[];
}

export interface ReadClausesOptions {
  readonly parts: Pick<TableParts, "engine">;
  readonly state: Pick<TableState, "schema">;
  readonly source: StructType;
  readonly on: string;
  readonly clauses: MergeClauses;
  readonly rules: TableRules;
  readonly signal: AbortSignal;
}

/** @throws LandfallError QUERY_INVALID naming the clause or the column */
export async function readClauses(options: ReadClausesOptions): Promise<ReadClauses> {
  const { parts, state, source, on, clauses, rules, signal } = options;
  const filled = new Set(filledColumns(rules));
  const kinds = [
    { name: "whenMatched", relations: ["t", "s"], list: clauses.whenMatched },
    { name: "whenNotMatched", relations: ["s"], list: clauses.whenNotMatched },
    { name: "whenNotMatchedBySource", relations: ["t"], list: clauses.whenNotMatchedBySource },
  ] as const;
  const conditions: ClauseCondition[] = kinds.flatMap(({ name, relations, list }) =>
    list.flatMap(({ where }, i) =>
      where === undefined ? [] : [{ sql: where, relations, whom: `condition of clause ${i + 1} of ${name}` }],
    ),
  );
  const read = await parts.engine.readMerge({ target: state.schema, source, on, conditions }, { signal });
  const texts = [...read.conditions];
  const schemas = { t: state.schema, s: source };
  const byKind: MergeClause[][] = [];
  for (const { relations, list } of kinds) {
    const own: MergeClause[] = [];
    for (const clause of list) {
      const condition = clause.where === undefined ? undefined : texts.shift();
      const set = "update" in clause ? clause.update : "insert" in clause ? clause.insert : undefined;
      if (set === undefined) {
        own.push({ condition });
        continue;
      }
      const named = valuesOf(set, { table: state.schema, source, filled });
      if ("update" in clause) refuseIdentity(rules, named);
      const { byColumn } = await columnValues({
        parts,
        state,
        set: named,
        relations: Object.fromEntries(relations.map((name) => [name, schemas[name]])),
        signal,
      });
      if ("insert" in clause) refuseMissing(byColumn, { table: state.schema, filled });
      own.push({ condition, values: Object.fromEntries(byColumn) });
    }
    byKind.push(own);
  }
  const [whenMatched, whenNotMatched, whenNotMatchedBySource] = byKind;
  return {
    ...read,
    whenMatched: whenMatched!,
    whenNotMatched: whenNotMatched!,
    whenNotMatchedBySource: whenNotMatchedBySource!,
  };
}

interface Columns {
  readonly table: StructType;
  /** Columns that the table gives a value where rows have none. */
  readonly filled: ReadonlySet<string>;
}

/** @throws LandfallError QUERY_INVALID where `"all"` means a column that the source has not */
function valuesOf(
  set: MergedValues,
  { table, source, filled }: Columns & { readonly source: StructType },
): Readonly<Record<string, string>> {
  if (set !== "all") return set;
  const of = table.fields.flatMap(({ name }) => {
    const from = source.fields.find((field) => field.name.toLowerCase() === name.toLowerCase());
    if (from !== undefined) return [[name, `s.${quoteName(from.name)}`] as const];
    if (filled.has(name)) return [];
    throw new LandfallError("QUERY_INVALID", {
      message: `The rows that are merged have no column ${name}, which "all" is to set.`,
      hint: "Say which columns are set: { name: 's.name' }.",
    });
  });
  return Object.fromEntries(of);
}

/** @throws LandfallError QUERY_INVALID for a column that is not set and must not be null */
function refuseMissing(byColumn: ReadonlyMap<string, string>, { table, filled }: Columns): void {
  const missing = table.fields.find(
    ({ name, nullable }) => !nullable && !byColumn.has(name) && !filled.has(name),
  );
  if (missing === undefined) return;
  throw new LandfallError("QUERY_INVALID", {
    message: `The column ${missing.name} must not be null, and the insert gives it no value.`,
    hint: "Set it in `insert`.",
  });
}
