/** The rules of a table whose columns get other values. */
import { LandfallError } from "../../base/landfall-error.ts";
import type { TableState } from "../../delta/table-state.ts";
import { fillColumns } from "../../engine/expressions/fill-columns.ts";
import type { TableRules } from "../../schema/table-rules.ts";

/** By column, in any case. */
type SetColumns = Readonly<Record<string, unknown>>;

export type RulesToHold = Pick<TableRules, "rows" | "generated">;

/** Those that a row may break when columns are set: of the others NOT NULL and lengths hold as before. Conditions may speak of any column. */
export function rulesToHold(rules: TableRules, set: SetColumns): RulesToHold {
  const isSet = setColumns(set);
  const rows = rules.rows.filter((rule) =>
    rule.kind === "notNull" || rule.kind === "length" ? isSet(String(rule.column[0])) : true,
  );
  return { rows, generated: rules.generated.filter(({ name }) => isSet(name)) };
}

/**
 * A SELECT of the rows with the columns that the table computes, but those that are set.
 *
 * @param select of all the table's columns
 * @throws LandfallError EXPRESSION_UNKNOWN
 */
export function withGenerated(
  select: string,
  options: {
    readonly state: Pick<TableState, "schema">;
    readonly rules: TableRules;
    readonly set: SetColumns;
    readonly now: number;
  },
): string {
  const { state, rules, set, now } = options;
  const isSet = setColumns(set);
  const generated = rules.generated.filter(({ name }) => !isSet(name));
  if (generated.length === 0) return select;
  const computed = new Set(generated.map(({ name }) => name));
  const given = state.schema.fields.map(({ name }) => name).filter((name) => !computed.has(name));
  return fillColumns({
    select,
    given,
    schema: state.schema,
    rules: { generated, defaults: [], identities: [] },
    now: new Date(now).toISOString(),
  });
}

/** PROTOCOL.md, "Identity Columns": values come from the table. @throws LandfallError CONSTRAINT_VIOLATED */
export function refuseIdentity({ identities }: TableRules, set: SetColumns): void {
  const isSet = setColumns(set);
  const counted = identities.find(({ name }) => isSet(name));
  if (counted === undefined) return;
  throw new LandfallError("CONSTRAINT_VIOLATED", {
    message: `The column ${counted.name} is counted by the table (AS IDENTITY) and cannot be set.`,
    hint: "Nothing was committed. Leave the column out of what is set.",
  });
}

function setColumns(set: SetColumns): (name: string) => boolean {
  const names = new Set(Object.keys(set).map((name) => name.toLowerCase()));
  return (name) => names.has(name.toLowerCase());
}
