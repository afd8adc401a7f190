import { checkWritable, HONOURED_BY_ROWS, HONOURED_BY_RULES } from "../delta/features.ts";
import type { StructType } from "../schema/data-type.ts";
import { parseDdl } from "../schema/ddl.ts";
import { commitWrite, HONOURED_BY_STAMPS, type CommitWriteOptions } from "./commit-write.ts";
import { filledColumns, rulesOf } from "./rows/check-new-rows.ts";
import { openRows, type RowSource, type RowsToWrite } from "./source/row-source.ts";
import { checkTransactionId, isDone } from "./transaction-id.ts";
import type { WriteContext } from "./write-context.ts";
import type { CommittedWrite } from "./write-plan.ts";
import type { WriteRowsOptions } from "./write-rows-options.ts";

/** How rows become a plan. */
export type PlanOfRows = (
  source: RowSource,
  ...of: Parameters<CommitWriteOptions["plan"]>
) => ReturnType<CommitWriteOptions["plan"]>;

/**
 * Opens the rows, commits a plan of them, and closes them. Where the table holds the transaction already, they are not even looked at.
 *
 * @throws LandfallError USAGE for a transaction that a log could not hold; as `openRows` and `commitWrite`
 */
export function withRows(
  context: WriteContext,
  of: { readonly rows: RowsToWrite; readonly options: WriteRowsOptions; readonly plan: PlanOfRows },
): Promise<CommittedWrite | undefined> {
  const { rows, options, plan } = of;
  const { txn, isolation, signal: asked } = options;
  return context.access.ask(asked, async (parts, signal) => {
    checkTransactionId(txn);
    // Starts while the log is read.
    if (txn === undefined) parts.engine.warm();
    const state = await context.newest(parts, signal);
    if (isDone(state, txn)) return undefined;
    checkWritable(state, HONOURED);
    const schema = schemaOf(options.schema) ?? state.schema;
    const filled = filledColumns(rulesOf(state));
    const source = await openRows(rows, { parts, schema, filled, signal });
    try {
      return await commitWrite(context, {
        honoured: HONOURED,
        isolation,
        signal,
        plan: async (now, using) => (isDone(now, txn) ? undefined : plan(source, now, using)),
      });
    } finally {
      await source.close();
    }
  });
}

const HONOURED: ReadonlySet<string> = new Set([
  ...HONOURED_BY_ROWS,
  ...HONOURED_BY_RULES,
  ...HONOURED_BY_STAMPS,
]);

function schemaOf(schema: string | StructType | undefined): StructType | undefined {
  return typeof schema === "string" ? parseDdl(schema) : schema;
}
