import type { OptionKinds } from "../base/check-options.ts";
import { LandfallError } from "../base/landfall-error.ts";
import { HONOURED_BY_RULES } from "../delta/features.ts";
import { columnsToRead } from "../delta/files-to-read.ts";
import type { TableState } from "../delta/table-state.ts";
import type { WriteRowsRequest } from "../engine/engine.ts";
import { quoteName } from "../engine/sql.ts";
import { commitWrite, type PlanningWith } from "./commit-write.ts";
import { removingWritten } from "./removing-written.ts";
import { columnValues, type ColumnValues } from "./rows/column-values.ts";
import { findRows } from "./rows/find-rows.ts";
import { hasChangeFeed } from "./rows/has-change-feed.ts";
import { HONOURED_BY_NEW_ROWS } from "./rows/honoured-by-new-rows.ts";
import { matchedRows } from "./rows/matched-rows.ts";
import { checkNewRows, rulesOf } from "./rows/check-new-rows.ts";
import { refuseIdentity, rulesToHold, withGenerated, type RulesToHold } from "./rows/updated-rules.ts";
import { metricTexts } from "./rows/metric-texts.ts";
import { refuseAppendOnly } from "./rows/refuse-append-only.ts";
import { CHANGE_TYPE, stageChanges } from "./rows/stage-changes.ts";
import { takeRowsOut } from "./rows/take-rows-out.ts";
import type { WriteContext } from "./write-context.ts";
import type { CommittedWrite, WritePlan } from "./write-plan.ts";

export interface UpdateOptions {
  /** By column, one SQL expression over the row as it was: `{ price: "price * 2", state: "'done'" }`. */
  readonly set: Readonly<Record<string, string>>;
  /** One SQL expression over the columns: rows for which it is true are updated. Default: all rows. */
  readonly where?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const UPDATE_OPTIONS: OptionKinds<UpdateOptions> = {
  set: "textsByName",
  where: "text",
  signal: "signal",
};

const HONOURED: ReadonlySet<string> = new Set([...HONOURED_BY_NEW_ROWS, ...HONOURED_BY_RULES]);

/**
 * Gives columns of rows other values. The old rows are taken out as `deleteRows` does, and stand with their new values in files of their own,
 * or in those that are written anew; columns that the table computes are computed of them. Undefined where no row matches.
 *
 * @throws LandfallError TABLE_APPEND_ONLY, TABLE_FEATURE_UNSUPPORTED, QUERY_INVALID for a condition or a value that may not be, or that does
 *   not fit a row's column; CONSTRAINT_VIOLATED, EXPRESSION_UNKNOWN; as `commitWrite`
 */
export function updateRows(
  context: WriteContext,
  options: UpdateOptions,
): Promise<CommittedWrite | undefined> {
  return commitWrite(context, {
    signal: options.signal,
    honoured: HONOURED,
    plan: (state, using) =>
      planUpdate(state, { ...using, ...options, signal: using.signal, now: context.clock.now() }),
  });
}

interface UpdatePlanning extends PlanningWith, Pick<UpdateOptions, "set" | "where"> {
  readonly now: number;
}

async function planUpdate(state: TableState, planning: UpdatePlanning): Promise<WritePlan | undefined> {
  const { parts, set, where, now, signal } = planning;
  refuseAppendOnly(state, "UPDATE");
  const relations = { t: state.schema };
  const rules = rulesOf(state);
  refuseIdentity(rules, set);
  const values = await columnValues({ parts, state, set, relations, signal });
  const open = rulesToHold(rules, set);
  refuseVarying(state, values, open);
  const found = await findRows({ parts, state, where, sparesWhole: false, signal });
  const { touched, reads } = found;
  if (touched.length === 0) return undefined;
  const tables = { t: { ...columnsToRead(state), files: touched.map(matchedRows) } };
  const select = withGenerated(`SELECT ${values.list} FROM t`, { state, rules, set, now });
  await checkNewRows({ parts, state, tables, sql: select, rules: open, signal });
  const taken = await takeRowsOut({
    parts,
    state,
    found,
    newRows: { tables, selects: [select] },
    now,
    signal,
  });
  const changes = await removingWritten(parts.storage, taken.written, () =>
    changesOf(state, { ...planning, tables, select }),
  );
  return {
    actions: [...taken.actions, ...changes.files.map((cdc) => ({ cdc }))],
    reads,
    operation: "UPDATE",
    operationParameters: { predicate: JSON.stringify(where === undefined ? [] : [where]) },
    operationMetrics: metricTexts({
      ...taken.metrics,
      numUpdatedRows: touched.reduce((sum, { count }) => sum + count, 0),
      numAddedChangeFiles: changes.files.length,
    }),
    movesRows: true,
    written: [...taken.written, ...changes.keys],
  };
}

/** @throws LandfallError TABLE_FEATURE_UNSUPPORTED where a row and its change, or a row and what was held against the rules, could differ */
function refuseVarying(state: TableState, { varies }: ColumnValues, open: RulesToHold): void {
  if (varies === undefined) return;
  const why = hasChangeFeed(state)
    ? "the table's change feed states each row once more (delta.enableChangeDataFeed)"
    : open.rows.length + open.generated.length > 0
      ? "the table has rules, which rows are held against before they are written"
      : undefined;
  if (why === undefined) return;
  throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
    message: `The value for ${varies.column} calls ${varies.name}, whose answers differ, and ${why}.`,
    hint: "Compute the value first, and write it as a literal.",
  });
}

async function changesOf(
  state: TableState,
  options: UpdatePlanning & {
    readonly tables: WriteRowsRequest["tables"];
    readonly select: string;
  },
): ReturnType<typeof stageChanges> {
  if (!hasChangeFeed(state)) return { files: [], keys: [] };
  const { select } = options;
  const columns = state.schema.fields.map(({ name }) => quoteName(name)).join(", ");
  const sql = `SELECT ${columns}, 'update_preimage' AS ${CHANGE_TYPE} FROM t
    UNION ALL SELECT *, 'update_postimage' AS ${CHANGE_TYPE} FROM (${select})`;
  return stageChanges({ ...options, state, sql });
}
