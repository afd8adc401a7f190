/** The rows that a merge makes, as relations for the statements that write them. Pure. */
import type { WriteRowsRequest, WrittenFile } from "../../engine/engine.ts";
import { MERGE_CHANGE } from "../../engine/merge/merge-request.ts";
import { quoteName } from "../../engine/sql.ts";
import { nullableField, type StructType } from "../../schema/data-type.ts";
import { CHANGE_TYPE } from "../rows/stage-changes.ts";

export interface MergedRelation {
  readonly tables: WriteRowsRequest["tables"];
  /** Of the table's columns: rows that the table is to have from now on. */
  readonly newRows: string;
  /** Of the table's columns and `_change_type`. */
  readonly changes: string;
}

const MERGED = "landfall merged";

export function mergedRelation(
  table: StructType,
  files: readonly Pick<WrittenFile, "path">[],
): MergedRelation {
  const fields = table.fields.map(({ type }, i) => nullableField(`c${i}`, type));
  const columns = table.fields.map(({ name }, i) => `c${i} AS ${quoteName(name)}`).join(", ");
  const schema: StructType = { type: "struct", fields: [...fields, nullableField(MERGE_CHANGE, "string")] };
  return {
    tables: {
      [MERGED]: {
        schema,
        partitionColumns: [],
        files: files.map(({ path }) => ({ path, partitionValues: {} })),
      },
    },
    newRows: `SELECT ${columns} FROM "${MERGED}" WHERE ${MERGE_CHANGE} IN ('insert', 'update_postimage')`,
    changes: `SELECT ${columns}, ${MERGE_CHANGE} AS ${CHANGE_TYPE} FROM "${MERGED}"`,
  };
}
