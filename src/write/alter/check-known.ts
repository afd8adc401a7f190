import { fillColumns } from "../../engine/expressions/fill-columns.ts";
import { ruleSql } from "../../engine/expressions/rule-sql.ts";
import type { StructType } from "../../schema/data-type.ts";
import type { TableRules } from "../../schema/table-rules.ts";

/**
 * Passes where each expression of a table's rules can be computed: else no row could be written to it.
 *
 * @throws LandfallError EXPRESSION_UNKNOWN naming the rule or the column, and the piece that is not known
 */
export function checkKnown(rules: TableRules, schema: StructType): void {
  ruleSql({ rules, schema });
  fillColumns({ select: "SELECT 1", given: [], schema, rules, now: new Date(0).toISOString() });
}
