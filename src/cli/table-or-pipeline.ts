import { statSync } from "node:fs";
import type { Pipeline } from "../declaration/declaration.ts";
import { findPlaces } from "../open/find-places.ts";
import { pipelineFromFile } from "../declaration/pipeline-from-file.ts";

export interface NamedPipeline {
  /** The table, as given or as the declaration says. */
  readonly location: string;
  /** The pipeline's name, where the argument says it. */
  readonly name?: string | undefined;
  /** Where the argument is its declaration. */
  readonly pipeline?: Pipeline;
}

/** A table's folder, or the declaration of a pipeline that feeds it. @throws LandfallError DECLARATION_INVALID, SOURCE_MISSING */
export function tableOrPipeline(argument: string, flags: { readonly name?: string }): NamedPipeline {
  const isFile = statSync(argument, { throwIfNoEntry: false })?.isFile() === true;
  if (!isFile && !/\.ya?ml$/.test(argument)) return { location: argument, name: flags.name };
  const pipeline = pipelineFromFile(argument, []);
  const { table, name } = findPlaces({ pipeline });
  return { location: table, name: flags.name ?? name, pipeline };
}
