import type { TableState } from "../../delta/table-state.ts";
import type { DataType, StructField, StructType } from "../../schema/data-type.ts";
import { editField } from "../../schema/edit-type.ts";
import { formatDdlType } from "../../schema/format-ddl.ts";
import { isWidening } from "../../schema/is-widening.ts";
import { tableRules } from "../../schema/table-rules.ts";
import { widenField } from "../../schema/widen-field.ts";
import { DEFAULT } from "../column-rules.ts";
import type { WritePlan } from "../write-plan.ts";
import { checkKnown } from "./check-known.ts";
import { noColumn, planSchemaChange, refuseChange } from "./change-schema.ts";

export interface ColumnChange {
  /** A wider type: files keep the narrow values, and readers widen them. Default: as it is. */
  readonly type?: DataType | undefined;
  /** Null takes the comment away. Default: as it is. */
  readonly comment?: string | null | undefined;
  /** Whether null may be in it from now on. Default: as it is. */
  readonly nullable?: boolean | undefined;
  /** What it has of rows that leave it out, in Spark's SQL; null takes that away. Default: as it is. */
  readonly default?: string | null | undefined;
}

/** Inner parts of arrays and maps: their change is noted at the field around them. */
const INNER = new Set(["element", "key", "value"]);

/**
 * Another comment or a wider type for a column, another default, or null allowed in it or no more, which the rows that are there are not held
 * against here. Undefined where it is like that already.
 *
 * @param options.path of a field, or of the `element`, `key` or `value` within one, whose type alone can be widened
 * @throws LandfallError TABLE_SCHEMA_CONFLICT for a type that is not wider, and where the table has not turned type widening on
 */
export function planChangeColumn(
  state: TableState,
  { path, change }: { readonly path: readonly string[]; readonly change: ColumnChange },
): WritePlan | undefined {
  const depth = path.findLastIndex((name, i) => i === 0 || !INNER.has(name)) + 1;
  const inner = path.slice(depth);
  const { type: _type, ...others } = change;
  if (inner.length > 0 && Object.values(others).some((one) => one !== undefined))
    refuseChange(`${path.join(".")} is no column.`, "Only its type can be widened.");
  checkRuleable(state, path, change);
  let isChanged = false;
  const schema: StructType | undefined = editField(state.schema, path.slice(0, depth), (field) => {
    const changed = changedField(state, field, { path, inner, change });
    isChanged = changed !== field;
    return changed;
  });
  if (schema === undefined) noColumn(state, path);
  if (!isChanged) return undefined;
  return planSchemaChange(state, {
    schema,
    features: [
      ...(change.type === undefined ? [] : ["typeWidening"]),
      ...(typeof change.default === "string" ? ["allowColumnDefaults"] : []),
    ],
    operation: "CHANGE COLUMN",
    operationParameters: {
      column: JSON.stringify({
        name: path.join("."),
        ...(change.type === undefined ? {} : { type: formatDdlType(change.type) }),
        ...(typeof change.comment === "string" ? { comment: change.comment } : {}),
        ...(change.nullable === undefined ? {} : { nullable: change.nullable }),
        ...(typeof change.default === "string" ? { default: change.default } : {}),
      }),
    },
  });
}

/** @throws LandfallError TABLE_SCHEMA_CONFLICT, EXPRESSION_UNKNOWN for a default that cannot be computed */
function checkRuleable(state: TableState, path: readonly string[], change: ColumnChange): void {
  const [top, ...below] = path;
  if (change.nullable === false && below.some((name) => INNER.has(name)))
    refuseChange(
      `${path.join(".")} cannot be NOT NULL: it is within an array or a map, where Spark has none.`,
      "Leave it as it is, or add a constraint.",
    );
  if (typeof change.default !== "string") return;
  const field = state.schema.fields.find(({ name }) => name === top);
  if (below.length > 0 || field === undefined)
    refuseChange(`${path.join(".")} cannot have a default.`, "Columns of the table's top can.");
  const defaults = [{ name: field.name, type: field.type, sql: change.default }];
  const none = tableRules({ schema: { type: "struct", fields: [] }, configuration: {} });
  checkKnown({ ...none, defaults }, state.schema);
}

interface FieldChange {
  readonly path: readonly string[];
  readonly inner: readonly string[];
  readonly change: ColumnChange;
}

function changedField(state: TableState, field: StructField, asked: FieldChange): StructField {
  const { comment, nullable, type } = asked.change;
  let changed = field;
  if (comment !== undefined && (field.metadata["comment"] ?? null) !== comment) {
    const { comment: _before, ...rest } = field.metadata;
    changed = { ...changed, metadata: comment === null ? rest : { ...rest, comment } };
  }
  if (nullable !== undefined && nullable !== field.nullable) changed = { ...changed, nullable };
  const { default: fill } = asked.change;
  if (fill !== undefined && (field.metadata[DEFAULT] ?? null) !== fill) {
    const { [DEFAULT]: _fill, ...rest } = changed.metadata;
    changed = { ...changed, metadata: fill === null ? rest : { ...rest, [DEFAULT]: fill } };
  }
  return type === undefined ? changed : widened(state, changed, { ...asked, to: type });
}

/** @throws LandfallError TABLE_SCHEMA_CONFLICT for a type that is not wider, and where the table has not turned type widening on */
function widened(
  state: TableState,
  field: StructField,
  { path, inner, to }: FieldChange & { readonly to: DataType },
): StructField {
  const wider = widenField(field, { inner, to });
  if (wider === undefined) noColumn(state, path);
  const { from } = wider;
  if (JSON.stringify(from) === JSON.stringify(to)) return field;
  if (typeof from !== "string" || typeof to !== "string" || !isWidening(from, to))
    refuseChange(
      `${path.join(".")} is ${formatDdlType(from)}, which cannot become ${formatDdlType(to)}: not every value stays what it is.`,
      "Widen to a type that holds all values: INT to BIGINT, FLOAT to DOUBLE, DATE to TIMESTAMP_NTZ, a decimal with more digits.",
    );
  if (state.metadata.configuration["delta.enableTypeWidening"]?.toLowerCase() !== "true")
    refuseChange(
      `The type of ${path.join(".")} cannot be widened: the table has not turned type widening on.`,
      "Turn it on first: setProperties with delta.enableTypeWidening: true. Old readers cannot read the table any more then.",
    );
  return wider.field;
}
