/** The first actions of a table that a bench writes by itself. */
import type { Action } from "../src/delta/actions.ts";
import { createTableActions } from "../src/delta/create-table.ts";
import { parseDdl } from "../src/schema/ddl.ts";

const FEATURE = "deletionVectors";

/** @param options.columns as DDL */
export function tableActions(options: { readonly columns: string; readonly hasVectors: boolean }): Action[] {
  const created = createTableActions({
    id: "5d6a1c0e-57a4-4c37-9d0e-6f1b6a2c9f20",
    schema: parseDdl(options.columns),
    partitionColumns: [],
    createdTime: 0,
  });
  if (!options.hasVectors) return [...created];
  const protocol = {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: [FEATURE],
    writerFeatures: [FEATURE],
  };
  return created.map((action) => {
    if ("protocol" in action) return { protocol };
    if (!("metaData" in action)) return action;
    const configuration = { ...action.metaData.configuration, "delta.enableDeletionVectors": "true" };
    return { metaData: { ...action.metaData, configuration } };
  });
}
