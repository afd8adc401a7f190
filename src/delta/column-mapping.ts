/** Which column mapping a table has (PROTOCOL.md, "Column Mapping"). */
import { LandfallError } from "../base/landfall-error.ts";
import type { StructType } from "../schema/data-type.ts";
import { fieldsOf } from "../schema/fields-of.ts";
import { columnIdOf, PHYSICAL_NAME, type ColumnMapping } from "../schema/physical-column.ts";
import type { Metadata, Protocol } from "./actions.ts";
import { readerFeaturesOf } from "./features.ts";

/**
 * The property counts only where the protocol has the feature.
 *
 * @throws LandfallError TABLE_FEATURE_UNSUPPORTED for a mode that is none of the three
 */
export function columnMappingOf(table: {
  readonly protocol: Protocol;
  readonly metadata: Metadata;
}): ColumnMapping {
  if (!readerFeaturesOf(table.protocol).includes("columnMapping")) return "none";
  const mode = (table.metadata.configuration["delta.columnMapping.mode"] ?? "none").toLowerCase();
  if (mode === "none" || mode === "name" || mode === "id") return mode;
  throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
    message: `The table's delta.columnMapping.mode is ${JSON.stringify(mode)}, which Landfall does not know.`,
    hint: "Read it with the program that wrote it.",
  });
}

/**
 * Every field has a physical name and an id, or rows could not be told from nulls.
 *
 * @throws LandfallError TABLE_LOG_CORRUPT naming the column
 */
export function checkMapped(schema: StructType): void {
  for (const { field, path } of fieldsOf(schema)) {
    const named = typeof field.metadata[PHYSICAL_NAME] === "string";
    if (!named || columnIdOf(field) === undefined) {
      throw new LandfallError("TABLE_LOG_CORRUPT", {
        message: `The column ${path.join(".")} has no ${named ? "id" : "physical name"}, and the table finds its columns by those (delta.columnMapping.mode).`,
        hint: "Find out which program wrote the last metaData action of the table.",
      });
    }
  }
}
