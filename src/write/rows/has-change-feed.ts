import { writerFeaturesOf } from "../../delta/features.ts";
import type { TableState } from "../../delta/table-state.ts";

/** Whether changes of rows are written beside the rows (PROTOCOL.md, "Change Data Files", "Writer Requirements for AddCDCFile"). */
export function hasChangeFeed({ protocol, metadata }: Pick<TableState, "protocol" | "metadata">): boolean {
  return (
    metadata.configuration["delta.enableChangeDataFeed"]?.toLowerCase() === "true" &&
    writerFeaturesOf(protocol).includes("changeDataFeed")
  );
}
