/** An operation of the matrix: how each writer is asked for it, and the rows that a plain model has after it. */
import type { CreateTableOptions } from "../../../src/write/create-table.ts";
import type { CanonicalRow } from "../../support/canonical-rows.ts";
import type { JudgeRequest } from "../../support/judge.ts";
import type { MatrixTable, TableKind } from "./matrix-tables.ts";

export const WRITERS = ["Landfall", "Spark", "delta-rs"] as const;
export type MatrixWriter = (typeof WRITERS)[number];
export type Rows = readonly CanonicalRow[];

/** Columns of text; the values of all others are text of digits. */
const TEXTS = new Set(["part", "more"]);

/** What a judge is asked for; the table's place is put in as `table`. */
export type Requests = readonly JudgeRequest[];

export interface MatrixPlace {
  readonly place: string;
  /** Of the kind of table. */
  readonly properties: Readonly<Record<string, string>>;
}

/** The same by each writer; a writer that is left out has no such operation. */
export interface ByWriter {
  readonly Landfall: (table: MatrixTable, to: MatrixPlace) => Promise<unknown>;
  /** `at` names the table in SQL. */
  readonly Spark: (at: string, to: MatrixPlace) => Requests;
  readonly "delta-rs"?: (to: MatrixPlace) => Requests;
}

export interface MatrixOperation {
  readonly name: string;
  /** There is no table before it. Default: there is. */
  readonly isNew?: boolean;
  /** Default: tables of every kind. */
  readonly kinds?: readonly TableKind[];
  /** What the table has beside what its kind has. */
  readonly options?: Partial<CreateTableOptions>;
  readonly by: ByWriter;
  readonly after: (rows: Rows) => Rows;
  /** What the table must refuse from then on. */
  readonly refused?: ByWriter;
  /** What is compared of rows that were read. Default: all that they hold. */
  readonly compared?: (rows: Rows) => Rows;
  /** What it must have done beside rows. @throws AssertionError */
  readonly check?: (done: MatrixPlace & { readonly table: MatrixTable }) => Promise<void>;
}

/** Statements, and settings of the session for them. */
export function sql(
  statements: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): JudgeRequest {
  return { op: "executeAll", statements, settings };
}

/** `(1, NULL, 'a'), …` */
export function valuesOf(rows: Rows, columns: readonly string[] = ["id", "n", "part"]): string {
  const cellOf = (name: string, value: unknown): string => {
    if (typeof value !== "string") return "NULL";
    return TEXTS.has(name) ? `'${value}'` : value;
  };
  return rows.map((row) => `(${columns.map((name) => cellOf(name, row[name])).join(", ")})`).join(", ");
}

export function insertInto(at: string, rows: Rows, columns: readonly string[] = ["id", "n", "part"]): string {
  return `INSERT INTO ${at} (${columns.join(", ")}) VALUES ${valuesOf(rows, columns)}`;
}
