import { LandfallError } from "../base/landfall-error.ts";
import type { EngineMethod } from "./engine-messages.ts";

/** What a call that was under way ends with; `how` ends the sentence. */
export function engineDied(how: string, method: EngineMethod): LandfallError {
  return new LandfallError("ENGINE_DIED", {
    message: `The engine's process died during "${method}": ${how}.`,
    hint:
      method === "query" || method === "scan"
        ? "The table is as it was. What needs more memory than there is ends like this: ask for less."
        : "Nothing was committed; run again. If it dies again, lower limits.maxFilesPerTrigger to find the file that does it.",
  });
}
