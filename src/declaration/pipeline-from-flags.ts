import { resolve } from "node:path";
import type { Pipeline } from "./declaration.ts";
import type { Override } from "./overrides.ts";
import { readOptions } from "./read-options.ts";
import { loadedPipeline } from "./loaded-pipeline.ts";

/** @throws LandfallError DECLARATION_INVALID */
export function pipelineFromFlags(source: string, table: string, overrides: readonly Override[]): Pipeline {
  const loaded = readOptions({ source, table, baseFolder: resolve("."), overrides });
  return loadedPipeline(loaded, { file: "", text: "" });
}
