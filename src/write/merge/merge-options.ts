/** What a person says of a merge. */
import { checkArgument, checkOptions, demandOptions, type OptionKinds } from "../../base/check-options.ts";
import { LandfallError } from "../../base/landfall-error.ts";
import { WRITE_ROWS_OPTIONS, type WriteRowsOptions } from "../write-rows-options.ts";

/** `"all"`: each column has the value of the source's column of that name; the source may lack those that the table fills. Else by column one SQL expression. */
export type MergedValues = "all" | Readonly<Record<string, string>>;

export interface UpdateClause {
  /** One SQL expression, true for the rows that the clause is for. Default: all that no clause before was for. */
  readonly where?: string | undefined;
  readonly update: MergedValues;
}

export interface DeleteClause {
  /** As that of an update. */
  readonly where?: string | undefined;
  readonly delete: true;
}

export interface InsertClause {
  /** One SQL expression over the source. Default: all rows that no clause before was for. */
  readonly where?: string | undefined;
  /** Columns that are not set have what the table gives them (a default, a computed or counted value), else null. */
  readonly insert: MergedValues;
}

export interface UpdateBySourceClause extends UpdateClause {
  /** Over the target alone. */
  readonly update: Readonly<Record<string, string>>;
}

/** One, or several: for each row the first of them counts whose condition is true. */
export type OneOrMore<Clause> = Clause | readonly Clause[];

export interface MergeOptions extends Pick<WriteRowsOptions, "schema" | "txn" | "isolation" | "signal"> {
  /**
   * Which rows belong together: one SQL expression over the target `t` and the source `s`, by which a column of each at least is equal, such as
   * `t.id = s.id AND t.day >= DATE '2026-01-01'`. Null equals nothing, NaN equals NaN.
   */
  readonly on: string;
  /** For rows of the target that belong to a row of the source; over both. */
  readonly whenMatched?: OneOrMore<UpdateClause | DeleteClause> | undefined;
  /** For rows of the source that belong to none of the target; over the source. */
  readonly whenNotMatched?: OneOrMore<InsertClause> | undefined;
  /** For rows of the target that belong to none of the source; over the target. All files of the table are read then. */
  readonly whenNotMatchedBySource?: OneOrMore<UpdateBySourceClause | DeleteClause> | undefined;
}

const MERGE_OPTIONS: OptionKinds<MergeOptions> = {
  schema: "textOrObject",
  txn: "any",
  isolation: WRITE_ROWS_OPTIONS.isolation,
  signal: "signal",
  on: "text",
  whenMatched: "any",
  whenNotMatched: "any",
  whenNotMatchedBySource: "any",
};

export interface MergeClauses {
  readonly whenMatched: readonly (UpdateClause | DeleteClause)[];
  readonly whenNotMatched: readonly InsertClause[];
  readonly whenNotMatchedBySource: readonly (UpdateBySourceClause | DeleteClause)[];
}

/** What each clause of a kind may do, one of it. */
const CLAUSES: Readonly<Record<keyof MergeClauses, readonly ("update" | "delete" | "insert")[]>> = {
  whenMatched: ["update", "delete"],
  whenNotMatched: ["insert"],
  whenNotMatchedBySource: ["update", "delete"],
};

/** @throws LandfallError USAGE for an option that is not known, of the merge or of a clause */
export function checkMergeOptions(options: MergeOptions): void {
  checkOptions("table.merge", options, MERGE_OPTIONS);
  demandOptions("table.merge", options, ["on"]);
  for (const [kind, acts] of Object.entries(CLAUSES))
    for (const clause of listOf<object>(options[kind as keyof MergeClauses]))
      checkClause(`a clause of ${kind}`, clause as Readonly<Record<string, unknown>>, acts);
}

function checkClause(call: string, clause: Readonly<Record<string, unknown>>, acts: readonly string[]): void {
  checkOptions(call, clause, { where: "text", ...Object.fromEntries(acts.map((act) => [act, "any"])) });
  const asked = acts.filter((act) => clause[act] !== undefined);
  const [act] = asked;
  if (act === undefined || asked.length > 1 || (act === "delete" && clause[act] !== true))
    throw new LandfallError("USAGE", {
      message: `It is not clear what ${call} is to do: it says so by one of ${acts.join(", ")}.`,
      hint: 'Write { update: "all" }, { update: { price: "s.price" } }, { delete: true } or { insert: "all" }.',
    });
  if (act !== "delete" && clause[act] !== "all")
    checkArgument(`${act} of ${call}`, clause[act], "textsByName");
}

/** @throws LandfallError USAGE for a merge that could do nothing, or of which a clause never has its turn */
export function clausesOf(options: MergeOptions): MergeClauses {
  const clauses = {
    whenMatched: listOf(options.whenMatched),
    whenNotMatched: listOf(options.whenNotMatched),
    whenNotMatchedBySource: listOf(options.whenNotMatchedBySource),
  };
  for (const [kind, list] of Object.entries(clauses)) {
    const early = list.slice(0, -1).findIndex(({ where }) => where === undefined);
    if (early < 0) continue;
    throw new LandfallError("USAGE", {
      message: `Clause ${early + 1} of ${kind} has no condition, so that those after it never have their turn.`,
      hint: "Give it a `where`, or put it last.",
    });
  }
  if (Object.values(clauses).some((list) => list.length > 0)) return clauses;
  throw new LandfallError("USAGE", {
    message: "The merge has no clause, so that there is nothing it could do.",
    hint: 'Say what is to happen: whenMatched: { update: "all" }, whenNotMatched: { insert: "all" }.',
  });
}

function listOf<Clause>(clauses: OneOrMore<Clause> | undefined): readonly Clause[] {
  if (clauses === undefined) return [];
  return Array.isArray(clauses) ? (clauses as readonly Clause[]) : [clauses as Clause];
}
