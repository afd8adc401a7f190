import { checkOptions, type OptionNames } from "../base/check-options.ts";
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

const WRITE_OPTIONS: OptionNames<WriteOptions> = { signal: true };
const ADD_COLUMNS_OPTIONS: OptionNames<AddColumnsOptions> = { ...WRITE_OPTIONS, into: true };
const ALTER_COLUMN_OPTIONS: OptionNames<AlterColumnOptions> = {
  type: true,
  comment: true,
  nullable: true,
  default: true,
};

/** The same calls, which reject with USAGE before they do anything where an option has a name that none has. */
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
      checkOptions("table.addColumns", options, ADD_COLUMNS_OPTIONS);
      return writes.addColumns(columns, options);
    },
    renameColumn: async (column, name, options) => {
      checkPlain("renameColumn", options);
      return writes.renameColumn(column, name, options);
    },
    dropColumns: async (columns, options) => {
      checkPlain("dropColumns", options);
      return writes.dropColumns(columns, options);
    },
    alterColumn: async (column, change, options) => {
      checkOptions("table.alterColumn", change, ALTER_COLUMN_OPTIONS);
      checkPlain("alterColumn", options);
      return writes.alterColumn(column, change, options);
    },
    addConstraint: async (name, sql, options) => {
      checkPlain("addConstraint", options);
      return writes.addConstraint(name, sql, options);
    },
    dropConstraint: async (name, options) => {
      checkPlain("dropConstraint", options);
      return writes.dropConstraint(name, options);
    },
    delete: async (options) => {
      checkOptions("table.delete", options, DELETE_OPTIONS);
      return writes.delete(options);
    },
    update: async (options) => {
      checkOptions("table.update", options, UPDATE_OPTIONS);
      return writes.update(options);
    },
    setProperties: async (properties, options) => {
      checkPlain("setProperties", options);
      return writes.setProperties(properties, options);
    },
    setDescription: async (description, options) => {
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
