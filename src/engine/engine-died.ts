import { LandfallError } from "../base/landfall-error.ts";
import type { EngineMethod } from "./engine-messages.ts";

/** What the process was at, in words that end a sentence. */
const DOING: Readonly<Record<EngineMethod, string>> = {
  stage: "while it read the files of a batch",
  query: "while it answered a query",
  scan: "while it read a table's rows",
  predicateOf: "while it read a condition",
  matchRows: "while it looked for a table's rows",
  readAssignments: "while it read the values of an update",
  findBrokenRow: "while it held rows against the rules of their table",
  readMerge: "while it read the conditions of a merge",
  mergeRows: "while it merged rows into a table",
  schemasOfParquet: "while it read the schemas of Parquet files",
  writeRows: "while it wrote data files",
  compact: "while it rewrote small data files into larger ones",
  toJsonLines: "while it read a checkpoint",
  fromJsonLines: "while it wrote a checkpoint",
  carryRows: "while it wrote a checkpoint",
};

/** What a call that was under way ends with; `how` ends the sentence. */
export function engineDied(how: string, method: EngineMethod): LandfallError {
  return new LandfallError("ENGINE_DIED", {
    message: `The engine's process died ${DOING[method]}: ${how}.`,
    hint:
      method === "query" || method === "scan"
        ? "The table is as it was. What needs more memory than there is ends like this: ask for less."
        : "Nothing was committed; run again. If it dies again, lower limits.maxFilesPerTrigger to find the file that does it.",
  });
}
