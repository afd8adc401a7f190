import { readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { LandfallError, messageOf, systemCodeOf } from "../base/landfall-error.ts";
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
    throw new LandfallError("DECLARATION_MISSING", { ...whyUnread(file, error), file, cause: error });
  }
  return loadedPipeline(readDeclaration({ text, file, baseFolder, overrides }), { file, text });
}

/** What stands in the way, in words: a folder of data is what people name most often where a declaration is meant. */
function whyUnread(file: string, error: unknown): { readonly message: string; readonly hint: string } {
  const code = systemCodeOf(error);
  if (code === "EISDIR") {
    return {
      message: `${file} is a folder; a declaration is a file.`,
      hint: `\`landfall init ${file}\` writes one for the files in it; \`landfall ingest ${file} <table>\` needs none.`,
    };
  }
  if (code === "ENOENT" || code === "ENOTDIR")
    return {
      message: `There is no declaration ${file}.`,
      hint: "Check the path; `landfall init` writes one.",
    };
  if (code === "EACCES" || code === "EPERM") {
    return {
      message: `The declaration ${file} cannot be read: permission denied.`,
      hint: "Give the user that runs landfall the right to read it.",
    };
  }
  return { message: `The declaration ${file} cannot be read: ${messageOf(error)}`, hint: "Check the path." };
}
