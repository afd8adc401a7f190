/** How commits that were planned at the same time stand to each other (delta.io, "Concurrency control"). */
import { LandfallError } from "../../base/landfall-error.ts";
import type { Action } from "../actions.ts";

/**
 * `Serializable`: the table is as if commits had been planned one after another. `WriteSerializable`: a commit that read rows may come after
 * blind appends that it did not see. `SnapshotIsolation`: of commits that move rows and change none.
 */
export type IsolationLevel = "Serializable" | "WriteSerializable" | "SnapshotIsolation";

export const ISOLATION_LEVELS: readonly IsolationLevel[] = ["Serializable", "WriteSerializable"];

/**
 * The level of one commit: what was asked for, else the table's property `delta.isolationLevel`, else `Serializable`, as Spark and delta-rs
 * have it; and no more than snapshot isolation where no row changes.
 *
 * @throws LandfallError TABLE_FEATURE_UNSUPPORTED for a level in the property that is not known
 */
export function isolationOf(options: {
  readonly asked: IsolationLevel | undefined;
  readonly configuration: Readonly<Record<string, string>>;
  readonly actions: readonly Action[];
}): IsolationLevel {
  const { asked, configuration, actions } = options;
  const property = configuration["delta.isolationLevel"];
  const ofTable = ISOLATION_LEVELS.find((level) => level.toLowerCase() === property?.toLowerCase());
  if (asked === undefined && property !== undefined && ofTable === undefined)
    throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
      message: `The table's property delta.isolationLevel is ${property}; known are ${ISOLATION_LEVELS.join(" and ")}.`,
      hint: "Set the property to one of these, or say which level this write is to have.",
    });
  return onlyMovesRows(actions) ? "SnapshotIsolation" : (asked ?? ofTable ?? "Serializable");
}

/** Some file actions, and none that says that rows change. */
function onlyMovesRows(actions: readonly Action[]): boolean {
  const files = actions.filter((action) => "add" in action || "remove" in action || "cdc" in action);
  return (
    files.length > 0 &&
    files.length === actions.length &&
    files.every((action) => {
      if ("add" in action) return !action.add.dataChange;
      return "remove" in action && !action.remove.dataChange;
    })
  );
}
