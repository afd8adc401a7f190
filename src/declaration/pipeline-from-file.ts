import { readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { LandfallError, messageOf } from "../base/landfall-error.ts";
import type { Pipeline } from "./declaration.ts";
import type { Override } from "./overrides.ts";
import { readDeclaration } from "./read-declaration.ts";
import { loadedPipeline } from "./loaded-pipeline.ts";

/** @throws LandfallError DECLARATION_MISSING, DECLARATION_INVALID */
export function pipelineFromFile(file: string, overrides: readonly Override[]): Pipeline {
  let text: string;
  let baseFolder: string;
  try {
    text = readFileSync(file, "utf8");
    baseFolder = dirname(realpathSync(file));
  } catch (error) {
    throw new LandfallError("DECLARATION_MISSING", {
      message: `The declaration ${file} cannot be read: ${messageOf(error)}`,
      hint: "Check the path.",
      file,
      cause: error,
    });
  }
  return loadedPipeline(readDeclaration({ text, file, baseFolder, overrides }), { file, text });
}
