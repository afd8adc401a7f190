import { checkArgument, checkOptions, demandOptions, type OptionKinds } from "../base/check-options.ts";
import { DELETE_OPTIONS } from "./delete-rows.ts";
import { checkMergeOptions } from "./merge/merge-options.ts";
import { OPTIMIZE_OPTIONS } from "./optimize/optimize-table.ts";
import { OVERWRITE_OPTIONS } from "./overwrite-rows.ts";
import { RESTORE_OPTIONS } from "./restore/restore.ts";
import type { AddColumnsOptions, AlterColumnOptions, TableWrites, WriteOptions } from "./table-writes.ts";
import { UPDATE_OPTIONS } from "./update-rows.ts";
import { VACUUM_OPTIONS } from "./vacuum/vacuum.ts";
import { CHECKPOINT_OPTIONS } from "./write-checkpoint-now.ts";
import { WRITE_ROWS_OPTIONS } from "./write-rows-options.ts";

const WRITE_OPTIONS: OptionKinds<WriteOptions> = { signal: "signal" };
const ADD_COLUMNS_OPTIONS: OptionKinds<AddColumnsOptions> = { ...WRITE_OPTIONS, into: "textOrTexts" };
const ALTER_COLUMN_OPTIONS: OptionKinds<AlterColumnOptions> = {
  type: "text",
  comment: "textOrNull",
  nullable: "flag",
  default: "textOrNull",
};

/** The same calls, which reject with USAGE before they do anything where an option is none of theirs, or of another kind. */
export function checkedWrites(writes: TableWrites): TableWrites {
  const checkPlain = (call: string, options: WriteOptions | undefined): void =>
    checkOptions(`table.${call}`, options, WRITE_OPTIONS);
  return {
    append: async (rows, options) => {
      checkOptions("table.append", options, WRITE_ROWS_OPTIONS);
      return writes.append(rows, options);
    },
    overwrite: async (rows, options) => {
      checkOptions("table.overwrite", options, OVERWRITE_OPTIONS);
      return writes.overwrite(rows, options);
    },
    merge: async (source, options) => {
      checkMergeOptions(options);
      return writes.merge(source, options);
    },
    addColumns: async (columns, options) => {
      checkArgument("The columns of table.addColumns", columns, "textOrObject");
      checkOptions("table.addColumns", options, ADD_COLUMNS_OPTIONS);
      return writes.addColumns(columns, options);
    },
    renameColumn: async (column, name, options) => {
      checkArgument("The column of table.renameColumn", column, "textOrTexts");
      checkArgument("The name of table.renameColumn", name, "text");
      checkPlain("renameColumn", options);
      return writes.renameColumn(column, name, options);
    },
    dropColumns: async (columns, options) => {
      checkArgument("The columns of table.dropColumns", columns, "list");
      for (const column of columns) checkArgument("A column of table.dropColumns", column, "textOrTexts");
      checkPlain("dropColumns", options);
      return writes.dropColumns(columns, options);
    },
    alterColumn: async (column, change, options) => {
      checkArgument("The column of table.alterColumn", column, "textOrTexts");
      checkOptions("table.alterColumn", change, ALTER_COLUMN_OPTIONS);
      checkPlain("alterColumn", options);
      return writes.alterColumn(column, change, options);
    },
    addConstraint: async (name, sql, options) => {
      checkArgument("The name of table.addConstraint", name, "text");
      checkArgument("The condition of table.addConstraint", sql, "text");
      checkPlain("addConstraint", options);
      return writes.addConstraint(name, sql, options);
    },
    dropConstraint: async (name, options) => {
      checkArgument("The name of table.dropConstraint", name, "text");
      checkPlain("dropConstraint", options);
      return writes.dropConstraint(name, options);
    },
    delete: async (options) => {
      checkOptions("table.delete", options, DELETE_OPTIONS);
      return writes.delete(options);
    },
    update: async (options) => {
      checkOptions("table.update", options, UPDATE_OPTIONS);
      demandOptions("table.update", options, ["set"]);
      return writes.update(options);
    },
    setProperties: async (properties, options) => {
      checkArgument("The properties of table.setProperties", properties, "textsOrNullByName");
      checkPlain("setProperties", options);
      return writes.setProperties(properties, options);
    },
    setDescription: async (description, options) => {
      checkArgument("The text of table.setDescription", description, "textOrNull");
      checkPlain("setDescription", options);
      return writes.setDescription(description, options);
    },
    optimize: async (options) => {
      checkOptions("table.optimize", options, OPTIMIZE_OPTIONS);
      return writes.optimize(options);
    },
    restore: async (options) => {
      checkOptions("table.restore", options, RESTORE_OPTIONS);
      return writes.restore(options);
    },
    vacuum: async (options) => {
      checkOptions("table.vacuum", options, VACUUM_OPTIONS);
      return writes.vacuum(options);
    },
    checkpoint: async (options) => {
      checkOptions("table.checkpoint", options, CHECKPOINT_OPTIONS);
      return writes.checkpoint(options);
    },
  };
}
