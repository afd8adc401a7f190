/** Rows that a commit changes become files of its change data feed (PROTOCOL.md, "Change Data Files"; "Add CDC File"). */
import { uuidv7 } from "../../base/uuid.ts";
import type { AddCdcFile } from "../../delta/actions.ts";
import { changeFilePlace } from "../../delta/data-file.ts";
import { columnsToRead } from "../../delta/files-to-read.ts";
import { partitionValuesOf } from "../../delta/name-data-file.ts";
import { nullableField } from "../../schema/data-type.ts";
import { physicalNameOf } from "../../schema/physical-column.ts";
import { stageFiles, type StageRowsOptions } from "../stage-rows.ts";

/** What happened to a row: `insert`, `delete`, `update_preimage`, `update_postimage`. */
export const CHANGE_TYPE = "_change_type";

export interface StagedChanges {
  readonly files: readonly AddCdcFile[];
  /** Storage keys of the files, for `WritePlan.written`. */
  readonly keys: readonly string[];
}

/**
 * @param options.sql a SELECT of the table's columns and `_change_type`
 * @throws LandfallError as `stageRows`
 */
export async function stageChanges(
  options: Pick<StageRowsOptions, "parts" | "state" | "tables" | "sql" | "now" | "signal">,
): Promise<StagedChanges> {
  const columns = columnsToRead(options.state);
  const { schema, partitionColumns, columnMapping } = columns;
  const fields = [...schema.fields, nullableField(CHANGE_TYPE, "string")];
  const uuid = uuidv7(options.now);
  const partitions = partitionColumns.map((column) =>
    physicalNameOf(
      schema.fields.find(({ name }) => name === column)!,
      columnMapping,
    ),
  );
  const { named } = await stageFiles({
    ...options,
    columns: { ...columns, schema: { type: "struct", fields } },
    nameFile: (written, index) => {
      const partitionValues = partitionValuesOf({
        file: written,
        schema,
        partitionBy: partitionColumns,
        columnMapping,
      });
      const { key, path } = changeFilePlace({
        index,
        uuid,
        codec: written.codec ?? "snappy",
        partitionColumns: partitions,
        partitionValues,
      });
      return {
        key,
        written,
        file: { path, partitionValues, size: written.bytes, dataChange: false } as const,
      };
    },
  });
  return { files: named.map(({ file }) => file), keys: named.map(({ key }) => key) };
}
