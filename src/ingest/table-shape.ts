/** What the commit of a batch must say about the table itself. Pure but for the id of a new table. */
import type { Clock } from "../base/clock.ts";
import type { Metadata, Protocol } from "../delta/actions.ts";
import { createTableActions } from "../delta/create-table.ts";
import { serializeSchema } from "../delta/schema-json.ts";
import { readerFeaturesOf } from "../delta/features.ts";
import { featuresOfSchema, withFeatures } from "../delta/table-features.ts";
import type { TableState } from "../delta/table-state.ts";
import type { StageResult } from "../engine/engine.ts";

/** What a table is created with. */
export interface NewTable {
  readonly partitionBy: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

export interface TableShape {
  readonly protocol?: Protocol;
  readonly metadata?: Metadata;
}

const ENABLED = "delta.enableTypeWidening";

/** False for a table that says that its columns keep their types. One that says nothing is asked nothing: a declaration is a person's word. */
export function mayWiden(state: Pick<TableState, "metadata"> | undefined): boolean {
  return state?.metadata.configuration[ENABLED]?.toLowerCase() !== "false";
}

/**
 * Everything for a new table. For one that is there metadata with new columns and wider types, and the protocol that these ask for, where it
 * lacks that (PROTOCOL.md, "Table Features"); nothing where the schema stays as it is.
 */
export function tableShape(
  { schema, widened = [] }: Pick<StageResult, "schema" | "widened">,
  table: {
    readonly state: TableState | undefined;
    readonly newTable: NewTable;
    readonly newId: () => string;
    readonly clock: Pick<Clock, "now">;
  },
): TableShape {
  const { state, newTable, newId, clock } = table;
  if (state === undefined) {
    const [{ protocol }, { metaData: metadata }] = createTableActions({
      id: newId(),
      schema,
      partitionColumns: newTable.partitionBy,
      configuration: newTable.properties,
      createdTime: clock.now(),
    });
    return { protocol, metadata };
  }
  const schemaString = serializeSchema(schema);
  if (schemaString === state.metadata.schemaString) return {};
  if (schemaString === serializeSchema(state.schema)) return {};
  const { configuration } = state.metadata;
  const isWider = widened.length > 0;
  const protocol = withFeatures(state.protocol, [
    ...featuresOfSchema(schema),
    ...(isWider ? ["typeWidening"] : []),
  ]);
  const metadata = {
    ...state.metadata,
    schemaString,
    configuration: isWider ? { ...configuration, [ENABLED]: "true" } : configuration,
  };
  return { ...(protocol === state.protocol ? {} : { protocol }), metadata };
}

/** A sentence for people where a table asks more of its readers than before; none for a new table. */
export function notesOfProtocol(before: Protocol | undefined, after: Protocol | undefined): string[] {
  if (before === undefined || after === undefined) return [];
  const known = readerFeaturesOf(before);
  const asked = readerFeaturesOf(after).filter((feature) => !known.includes(feature));
  if (asked.length === 0) return [];
  const what = asked.length === 1 ? "the table feature" : "the table features";
  return [`From this version on readers of the table must know ${what} ${asked.join(" and ")}.`];
}
