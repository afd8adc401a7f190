/** What an expression may speak of. */
import type { StructType } from "../../schema/data-type.ts";
import type { Expression } from "../../schema/expression/expression.ts";
import type { TypedSql } from "./typed-sql.ts";

export interface ExpressionScope {
  /** Columns by the names that people see. */
  readonly schema: StructType;
  /** Of which relation of the statement the columns are. */
  readonly relation: string;
  /** IANA name of the zone in which an instant has its date and hour. */
  readonly timeZone: string;
  /** What `current_timestamp()` means, as ISO text in UTC. Absent: the expression may not ask the time. */
  readonly now?: string;
}

/** Translates what stands inside of an expression. */
export type Translate = (expression: Expression) => TypedSql;
