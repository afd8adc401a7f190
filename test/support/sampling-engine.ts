/** An engine that looks at a few rows of small tables, too, before it chooses how a merge is worked out: else only large ones are worth that. */
import type { Engine } from "../../src/engine/engine.ts";

export function samplingEngine(engine: Engine): Engine {
  return {
    ...engine,
    mergeRows: (request, options) =>
      engine.mergeRows({ ...request, worthSampling: { sourceRows: 0, rows: 0, updates: 1 } }, options),
  };
}
