/** Which files of a commit's changes may hold rows for which a condition is true: decided by the log alone. */
import type { AddFilter } from "../../schema/add-filter.ts";
import type { Predicate } from "../../schema/predicate.ts";
import type { PartitionValues } from "../actions.ts";
import { fileTest } from "../prune/may-match.ts";
import { statsOf } from "../stated-statistics.ts";
import type { ChangedFile } from "./commit-changes.ts";

export interface ChangeTestOptions {
  /** The columns of changes: those of the table, and those that rows have from the log, which are partition columns here. */
  readonly table: AddFilter["table"];
  readonly predicate: Predicate;
}

/** False only where the predicate is true for no row that the change tells. `inLog`: the values that its rows have from the log. */
export function changeTest(
  options: ChangeTestOptions,
): (change: ChangedFile, inLog: PartitionValues) => boolean {
  const test = fileTest({ ...options.table, predicate: options.predicate });
  return (change, inLog) => {
    const { partitionValues } = change.file;
    // Of which partition a removed file was need not be told, and absent values would be nulls.
    if (partitionValues === undefined) return true;
    const stats = boundingStats(change);
    return test({
      partitionValues: { ...partitionValues, ...inLog },
      ...(stats === undefined ? {} : { stats }),
    });
  };
}

/** Statistics that bound every row which the change tells; a change file has none (PROTOCOL.md, "Add CDC File"). */
function boundingStats(change: ChangedFile): string | undefined {
  if (change.kind === "recorded") return undefined;
  const { stats } = change.file;
  if (change.kind !== "vector" || change.after === undefined || stats === undefined) return stats;
  // Tight bounds are those of the rows that are left (PROTOCOL.md, "Per-file Statistics"), and the deleted ones are told here.
  return statsOf(change.file)?.["tightBounds"] === false ? stats : undefined;
}
