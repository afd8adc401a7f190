/** What reads and writes checkpoints by an engine, and counts what was carried from one into the next. */
import type { ParquetAccess } from "../../src/delta/checkpoint-rows.ts";
import type { Engine } from "../../src/engine/engine.ts";

export interface CountingPort {
  readonly port: ParquetAccess["port"];
  /** Calls that carried rows. */
  carried(this: void): number;
  /** Adds among the rows. */
  carriedFiles(this: void): number;
}

export function countingPort(engine: Engine): CountingPort {
  let calls = 0;
  let files = 0;
  return {
    port: {
      toJsonLines: (request) => engine.toJsonLines(request),
      fromJsonLines: (request) => engine.fromJsonLines(request),
      carryRows: async (request) => {
        const answer = await engine.carryRows(request);
        if (answer !== undefined) calls += 1;
        files += answer?.files ?? 0;
        return answer;
      },
    },
    carried: () => calls,
    carriedFiles: () => files,
  };
}
