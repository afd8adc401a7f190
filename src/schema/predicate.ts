/**
 * A condition on a table's rows as plain data: what of a person's SQL partition values and statistics can judge. Three-valued as SQL is:
 * a comparison with null is neither true nor false.
 */
import type { PrimitiveType } from "./data-type.ts";

/** A value that is not null. The text is of a form that a partition value of the type may have; times are in UTC. */
export interface Literal {
  readonly type: PrimitiveType;
  readonly text: string;
}

export type ComparisonOperator = "=" | "<>" | "<" | "<=" | ">" | ">=";

/**
 * A column is its path from the schema's top, by the names that people see. Numbers compare by value whatever their types; text compares
 * by its UTF-8 bytes; NaN equals itself and is greater than all other numbers.
 */
export type Predicate =
  | { readonly kind: "and" | "or"; readonly of: readonly Predicate[] }
  | { readonly kind: "not"; readonly of: Predicate }
  | {
      readonly kind: "compare";
      readonly op: ComparisonOperator;
      readonly column: readonly string[];
      readonly value: Literal;
    }
  | { readonly kind: "isNull" | "isNotNull"; readonly column: readonly string[] }
  | { readonly kind: "in"; readonly column: readonly string[]; readonly values: readonly Literal[] }
  | { readonly kind: "startsWith"; readonly column: readonly string[]; readonly prefix: string }
  /** May be anything for any row. */
  | { readonly kind: "unknown" };
