/** Declarations as data: from a file, or made by the program itself. */
import { readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { checkWithTransform, problemOf } from "../declaration/check-written.ts";
import type { Pipeline } from "../declaration/declaration.ts";
import { loadedPipeline } from "../declaration/loaded-pipeline.ts";
import { pipelineFromFile } from "../declaration/pipeline-from-file.ts";
import type { Problem } from "../declaration/problem.ts";
import { readYaml } from "../declaration/read-yaml.ts";
import { canonicalPath } from "../base/canonical-path.ts";
import type { JsonValue } from "../base/lossless-json.ts";
import type { Declaration } from "./declaration.ts";

/** A declaration that was read, and the folder that its relative paths are relative to. */
export interface ReadDeclaration {
  readonly declaration: Declaration;
  readonly baseFolder: string;
}

/**
 * A declaration's YAML file as data, checked: to look at, or to change and open with
 * `openPipeline(declaration, { baseFolder })`.
 *
 * @throws LandfallError DECLARATION_MISSING; DECLARATION_INVALID with every mistake, each with its line and column
 */
export function readDeclaration(file: string): ReadDeclaration {
  pipelineFromFile(file, []);
  const yaml = readYaml(readFileSync(file, "utf8"));
  // It has been checked, so it is readable and of this shape.
  const declaration = (yaml.readable ? yaml.value : {}) as unknown as Declaration;
  return { declaration, baseFolder: dirname(realpathSync(file)) };
}

/** Every mistake in a declaration; none if it can be opened. Opens and probes nothing but the files that it names. */
export function checkDeclaration(
  declaration: Declaration,
  options: { readonly baseFolder?: string | undefined } = {},
): readonly Problem[] {
  return checked(declaration, options.baseFolder).problems ?? [];
}

/** A declaration, or the file of one, with its defaults filled in. @throws LandfallError DECLARATION_MISSING, DECLARATION_INVALID */
export function pipelineOf(declaration: Declaration | string, baseFolder: string | undefined): Pipeline {
  if (typeof declaration === "string") return pipelineFromFile(declaration, []);
  return loadedPipeline(checked(declaration, baseFolder), { file: "", text: "", called: "the declaration" });
}

function checked(declaration: Declaration, baseFolder = "."): Parameters<typeof loadedPipeline>[0] {
  const value = withoutUndefined(declaration) as JsonValue;
  const result = checkWithTransform({ value, baseFolder: canonicalPath(baseFolder) });
  if (result.ok) return { pipeline: result.pipeline };
  const problems = result.mistakes.map((mistake) => problemOf(mistake, { places: undefined, overrides: [] }));
  return { problems };
}

/** A key that is there and undefined is one that was left out: what a program writes where a YAML file has nothing. */
function withoutUndefined(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const said = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(said.map(([key, inner]) => [key, withoutUndefined(inner)]));
}
