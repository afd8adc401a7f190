import { statSync } from "node:fs";
import process from "node:process";
import type { Pipeline } from "../declaration/declaration.ts";

export interface NamedPipeline {
  /** The table, as given or as the declaration says. */
  readonly location: string;
  /** The pipeline's name, where the argument says it. */
  readonly name?: string | undefined;
  /** Where the argument is its declaration. */
  readonly pipeline?: Pipeline;
}

/**
 * A table's folder, or the declaration of a pipeline that feeds it. Its source need not be there where the declaration names the pipeline.
 *
 * @throws LandfallError DECLARATION_MISSING, DECLARATION_INVALID; SOURCE_MISSING where only the source tells the pipeline's name
 */
export async function tableOrPipeline(
  argument: string,
  flags: { readonly name?: string },
): Promise<NamedPipeline> {
  const pipeline = await declaredIn(argument);
  if (pipeline === undefined) return { location: argument, name: flags.name };
  const name = flags.name ?? pipeline.name ?? (await nameBySource(pipeline));
  return { location: pipeline.table.location, name, pipeline };
}

/** The table alone, as given or as the declaration says. @throws LandfallError DECLARATION_MISSING, DECLARATION_INVALID */
export async function tableOf(argument: string): Promise<string> {
  return (await declaredIn(argument))?.table.location ?? argument;
}

/**
 * As `run` understands it, with the variables of the environment; undefined for a folder. What reads declarations is loaded only for one: a
 * look at a table is to be there at once.
 */
export async function declaredIn(argument: string): Promise<Pipeline | undefined> {
  const isFile = statSync(argument, { throwIfNoEntry: false })?.isFile() === true;
  if (!isFile && !/\.ya?ml$/.test(argument)) return undefined;
  const { pipelineFromFile } = await import("../declaration/pipeline-from-file.ts");
  const { declarationOverrides } = await import("./declaration-overrides.ts");
  return pipelineFromFile(argument, declarationOverrides({}, process.env));
}

async function nameBySource(pipeline: Pipeline): Promise<string> {
  const { findPlaces } = await import("../open/find-places.ts");
  return findPlaces({ pipeline }).name;
}
