import { checkOptions, demandOptions, type OptionKinds } from "../base/check-options.ts";
import { randomUUID } from "node:crypto";
import { isLandfallError, LandfallError } from "../base/landfall-error.ts";
import { uuidv7 } from "../base/uuid.ts";
import { tryCommit } from "../delta/commit.ts";
import { createTableActions } from "../delta/create-table.ts";
import { faultPoint } from "../base/fault-point.ts";
import { HONOURED_BY_ROWS, HONOURED_BY_RULES } from "../delta/features.ts";
import { NO_FILES } from "../delta/file-totals.ts";
import { hasInCommitTimestamps } from "../delta/in-commit-timestamp.ts";
import { stateAfter } from "../delta/table-state.ts";
import type { StructType } from "../schema/data-type.ts";
import { parseDdl } from "../schema/ddl.ts";
import { fieldsOf } from "../schema/fields-of.ts";
import { tableRules } from "../schema/table-rules.ts";
import { OPEN_TABLE_OPTIONS, type OpenTableOptions } from "../table/open-table.ts";
import { checkNameFits } from "./alter/add-columns.ts";
import { withColumnIds } from "./alter/change-schema.ts";
import { checkKnown } from "./alter/check-known.ts";
import { constraintProperty } from "./alter/constraint-name.ts";
import { refuseProperty } from "./alter/refuse-property.ts";
import { withColumnRules, type ColumnRules } from "./column-rules.ts";
import { HONOURED_BY_STAMPS } from "./commit-write.ts";
import { recordChecksum } from "./record-checksum.ts";
import { openToWrite, type WritableTable } from "./open-table.ts";
import type { WriteContext } from "./write-context.ts";

export interface CreateTableOptions extends ColumnRules {
  /** The columns: DDL such as `id BIGINT NOT NULL, city STRING`, or Delta's own form. */
  readonly schema: string | StructType;
  /** Columns by whose values files are kept apart. Default: none. */
  readonly partitionBy?: readonly string[] | undefined;
  /** Table properties, such as `delta.enableDeletionVectors`. Default: none. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** CHECK constraints: a condition in Spark's SQL that each row must meet, by its name. Default: none. */
  readonly constraints?: Readonly<Record<string, string>> | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** A table that is there already is opened as it is. Default: that is an error. */
  readonly ifNotExists?: boolean | undefined;
}

const CREATE_TABLE_OPTIONS: OptionKinds<CreateTableOptions> = {
  schema: "textOrObject",
  partitionBy: "texts",
  properties: "textsByName",
  constraints: "textsByName",
  name: "text",
  description: "text",
  ifNotExists: "flag",
  generated: "textsByName",
  defaults: "textsByName",
};

/**
 * Makes a table without rows at a path or a `file:` URL, and opens it. Of several that make one at once, one does.
 *
 * @throws LandfallError TABLE_EXISTS, TABLE_SCHEMA_CONFLICT, TABLE_FEATURE_UNSUPPORTED for a property whose feature is not written here,
 *   SCHEMA_INVALID, USAGE; EXPRESSION_UNKNOWN for a rule that could not be held; storage errors
 */
export async function createTable(
  uri: string | URL,
  options: CreateTableOptions & OpenTableOptions,
): Promise<WritableTable> {
  checkOptions("createTable", options, { ...OPEN_TABLE_OPTIONS, ...CREATE_TABLE_OPTIONS });
  demandOptions("createTable", options, ["schema"]);
  const { table, context } = openToWrite(uri, options);
  try {
    if (!(await commitFirst(context, options)) && options.ifNotExists !== true) {
      throw new LandfallError("TABLE_EXISTS", {
        message: `There is a table already at ${table.location}.`,
        table: table.location,
      });
    }
    return table;
  } catch (error) {
    await table.close();
    throw error;
  }
}

function constraintProperties({ constraints = {} }: CreateTableOptions): Record<string, string> {
  return Object.fromEntries(
    Object.entries(constraints).map(([constraint, sql]) => [constraintProperty(constraint), sql]),
  );
}

/** No file knows a column by its name yet, so that physical names may be any (PROTOCOL.md, "Column Mapping"). */
function mapped(
  schema: StructType,
  configuration: Readonly<Record<string, string>>,
): { readonly schema: StructType; readonly configuration: Readonly<Record<string, string>> } {
  const mode = configuration["delta.columnMapping.mode"] ?? "none";
  if (mode.toLowerCase() === "none") return { schema, configuration };
  return withColumnIds(schema, { configuration, physicalName: () => `col-${randomUUID()}` });
}

/** False where there is a table. */
async function commitFirst(context: WriteContext, options: CreateTableOptions): Promise<boolean> {
  const { schema, partitionBy = [], name, description } = options;
  const { clock, access, engineInfo } = context;
  const now = clock.now();
  const columns = withColumnRules(typeof schema === "string" ? parseDdl(schema) : schema, options);
  const properties = { ...options.properties, ...constraintProperties(options) };
  for (const [property, value] of Object.entries(properties)) refuseProperty(property, value);
  checkKnown(tableRules({ schema: columns, configuration: properties }), columns);
  const actions = createTableActions({
    id: randomUUID(),
    ...mapped(columns, properties),
    partitionColumns: partitionBy,
    createdTime: now,
    honoured: new Set([...HONOURED_BY_RULES, ...HONOURED_BY_ROWS, ...HONOURED_BY_STAMPS]),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  });
  const table = { protocol: actions[0].protocol, metadata: actions[1].metaData };
  for (const { path } of fieldsOf(columns)) checkNameFits(table, path);
  const commitInfo = {
    ...(hasInCommitTimestamps(table) ? { inCommitTimestamp: now } : {}),
    timestamp: now,
    operation: "CREATE TABLE",
    operationParameters: {
      isManaged: "false",
      ...(description === undefined ? {} : { description }),
      partitionBy: JSON.stringify(partitionBy),
      properties: JSON.stringify(properties),
    },
    isolationLevel: "Serializable",
    isBlindAppend: true,
    operationMetrics: {},
    engineInfo,
    txnId: uuidv7(now),
  };
  return access.ask(undefined, async (parts, signal) => {
    if (await isThere(context, parts, signal)) return false;
    faultPoint("write.before");
    const { storage } = parts;
    const commit = { version: 0, table: storage.location, actions: [{ commitInfo }, ...actions] };
    const { outcome } = await tryCommit({ storage, ...commit });
    faultPoint("write.committed");
    if (outcome !== "committed") return false;
    await recordChecksum(parts, { state: stateAfter(undefined, commit), totals: () => NO_FILES });
    return true;
  });
}

/** Also one whose first commits were cleaned up. */
async function isThere(
  { newest }: WriteContext,
  ...of: Parameters<WriteContext["newest"]>
): Promise<boolean> {
  try {
    await newest(...of);
    return true;
  } catch (error) {
    if (isLandfallError(error, "TABLE_MISSING")) return false;
    throw error;
  }
}
