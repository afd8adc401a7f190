import type { JsonValue } from "../../base/lossless-json.ts";
import type { TableState } from "../../delta/table-state.ts";
import { isWidening } from "../../delta/type-changes.ts";
import type { DataType, StructField, StructType } from "../../schema/data-type.ts";
import { editField, editType } from "../../schema/edit-type.ts";
import { formatDdlType } from "../../schema/format-ddl.ts";
import type { WritePlan } from "../write-plan.ts";
import { noColumn, planSchemaChange, refuseChange } from "./change-schema.ts";

export interface ColumnChange {
  /** A wider type: files keep the narrow values, and readers widen them. Default: as it is. */
  readonly type?: DataType | undefined;
  /** Null takes the comment away. Default: as it is. */
  readonly comment?: string | null | undefined;
  /** True: null may be in it from now on. Default: as it is. */
  readonly nullable?: true | undefined;
}

/** Inner parts of arrays and maps: their change is noted at the field around them. */
const INNER = new Set(["element", "key", "value"]);

/**
 * Another comment or a wider type for a column, or null allowed in it. Undefined where it is like that already.
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
  if (inner.length > 0 && (change.comment !== undefined || change.nullable !== undefined))
    refuseChange(`${path.join(".")} is no column.`, "Only its type can be widened.");
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
    features: change.type === undefined ? [] : ["typeWidening"],
    operation: "CHANGE COLUMN",
    operationParameters: {
      column: JSON.stringify({
        name: path.join("."),
        ...(change.type === undefined ? {} : { type: formatDdlType(change.type) }),
        ...(typeof change.comment === "string" ? { comment: change.comment } : {}),
        ...(change.nullable === undefined ? {} : { nullable: true }),
      }),
    },
  });
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
  if (nullable === true && !field.nullable) changed = { ...changed, nullable };
  return type === undefined ? changed : widened(state, changed, { ...asked, to: type });
}

/** With the change noted, which readers of older files go by (PROTOCOL.md, "Type Widening"). */
function widened(
  state: TableState,
  field: StructField,
  { path, inner, to }: FieldChange & { readonly to: DataType },
): StructField {
  let from: DataType | undefined;
  const type = editType(field.type, inner, (before) => {
    from = before;
    return to;
  });
  if (type === undefined || from === undefined) noColumn(state, path);
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
  const known = field.metadata["delta.typeChanges"];
  const changes: JsonValue[] = Array.isArray(known) ? [...known] : [];
  changes.push({ fromType: from, toType: to, ...(inner.length === 0 ? {} : { fieldPath: inner.join(".") }) });
  return { ...field, type, metadata: { ...field.metadata, "delta.typeChanges": changes } };
}
