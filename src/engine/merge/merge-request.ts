/** The messages of a merge: first its SQL is read, of which nothing is run, then its rows are worked out. */
import type { StructType } from "../../schema/data-type.ts";
import type { Predicate } from "../../schema/predicate.ts";
import type { TableRules } from "../../schema/table-rules.ts";
import type { MatchedFile, QueryTable, WrittenFile } from "../engine.ts";

/** A merge as a person wrote it: conditions over the relations `t`, the target, and `s`, the source. */
export interface ReadMergeRequest {
  readonly target: StructType;
  readonly source: StructType;
  /** Which rows of the two belong together. */
  readonly on: string;
  readonly conditions: readonly ClauseCondition[];
}

export interface ClauseCondition {
  /** One SQL expression over columns of the relations. */
  readonly sql: string;
  readonly relations: readonly ("t" | "s")[];
  /** What messages call it. */
  readonly whom: string;
}

export interface ReadMerge {
  /** As SQL in brackets. */
  readonly on: string;
  readonly conditions: readonly string[];
  /** Equal in the rows of a pair; one at least. */
  readonly keys: readonly KeyPair[];
  /** `on` asks for nothing else, and none of them is a floating number: then no bounds are looked at that leave NaN out. */
  readonly isByKeysAlone: boolean;
  /** What partition values and statistics can judge of the target's rows that `on` may be true for. */
  readonly ofTarget: Predicate;
}

/** By the names of the two schemas, from the outside in. */
export interface KeyPair {
  readonly target: readonly string[];
  readonly source: readonly string[];
}

/** What is to be done to the rows that a clause is for, as SQL that was read. */
export interface MergeClause {
  /** Default: true for all. */
  readonly condition?: string | undefined;
  /** By column its new value, as `readAssignments` gives it. Absent: the row is deleted. */
  readonly values?: Readonly<Record<string, string>> | undefined;
}

/** What the table itself gives to columns that a clause leaves out: an insert's others are null, an update's stay. */
export interface MergeFills {
  readonly rules: Pick<TableRules, "generated" | "defaults" | "identities">;
  /** As that of `FillColumns`. */
  readonly now: string;
}

/** Texts of the least and the greatest value that a file has of a key; null: not known. */
export type KeyBounds = { readonly min: string; readonly max: string } | null;

export interface MergeRequest {
  /** The files whose rows are looked at. */
  readonly target: Omit<QueryTable, "name" | "places" | "select">;
  /** Of each of the target's files for each of the keys. Absent: every file is read, as it must be for clauses of rows that no source row matches. */
  readonly bounds?: readonly (readonly KeyBounds[])[];
  readonly source: {
    readonly tables: Readonly<Record<string, Omit<QueryTable, "name">>>;
    /** A SELECT of the schema's columns. */
    readonly sql: string;
    readonly schema: StructType;
  };
  readonly on: string;
  readonly keys: readonly KeyPair[];
  /** As `ReadMerge` tells it. */
  readonly isByKeysAlone: boolean;
  /** Of each kind the first whose condition is true is carried out. */
  readonly whenMatched: readonly MergeClause[];
  readonly whenNotMatched: readonly MergeClause[];
  readonly whenNotMatchedBySource: readonly MergeClause[];
  readonly fills: MergeFills;
  /** Also the rows as they were are written, and those that go. */
  readonly tellsChanges: boolean;
  /** Rows that the table is to have become data files of it at once, and not rows of changes. Not together with `tellsChanges`. */
  readonly writesFiles: boolean;
  /** How much there has to be for a look at a few rows, before the pairs are sought. Default: `WORTH_SAMPLING`. */
  readonly worthSampling?: WorthSampling;
  /** Exists; what is written below it is the caller's to remove. */
  readonly folder: string;
}

export interface WorthSampling {
  /** Rows of the source. */
  readonly sourceRows: number;
  /** Rows of the files that may have a pair. */
  readonly rows: number;
  /** Updates among the rows that are looked at: fewer say nothing of the others. */
  readonly updates: number;
}

/** The look takes a small part of the time that it may save. */
export const WORTH_SAMPLING: WorthSampling = { sourceRows: 10_000, rows: 1_000_000, updates: 20 };

/** Rows of the file of changes have the target's columns as `c0`, `c1`, … in their order, and what happened to the row as `change`. */
export const MERGE_CHANGE = "change";

export interface MergedRows {
  /** Rows of the target that go, or come back with other values: the place of a file is that in the request's target. */
  readonly matched: readonly MatchedFile[];
  /** Their `change` is `insert` or `update_postimage`; where changes are told also `update_preimage` and `delete`. */
  readonly changes: readonly WrittenFile[];
  /** Data files of the table, where it was asked for them; partition values and statistics are by physical names. */
  readonly files: readonly WrittenFile[];
  readonly counts: MergeCounts;
}

export interface MergeCounts {
  readonly source: number;
  readonly inserted: number;
  readonly matchedUpdated: number;
  readonly matchedDeleted: number;
  readonly notMatchedBySourceUpdated: number;
  readonly notMatchedBySourceDeleted: number;
}
