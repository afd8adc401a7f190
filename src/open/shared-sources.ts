/** Refuses pipelines that are given together and take files away from each other, before any of them runs. */
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import type { Pipeline } from "../declaration/declaration.ts";
import { findSharedSources, type SourceUse } from "../declaration/find-shared-sources.ts";
import { findPlaces } from "./find-places.ts";

/** @throws LandfallError OVERLAP */
export function refuseSharedSources(pipelines: readonly Pipeline[]): void {
  const [error] = sharedSources(pipelines);
  if (error !== undefined) throw error;
}

/** One error for each two that share files. */
export function sharedSources(pipelines: readonly Pipeline[]): readonly LandfallError[] {
  if (pipelines.length < 2) return [];
  return findSharedSources(pipelines.flatMap((pipeline) => useOf(pipeline) ?? []));
}

/** Undefined where the places are not even told: that pipeline's own run says why. */
function useOf(pipeline: Pipeline): SourceUse | undefined {
  try {
    const { name, source, table, recursive } = findPlaces({ pipeline });
    const { archive, quarantine } = pipeline;
    const { pathGlobFilter } = pipeline.source;
    const takesAway = archive !== undefined || quarantine !== undefined;
    return { pipeline: name, source, table, recursive, pathGlobFilter, takesAway };
  } catch (error) {
    if (isLandfallError(error)) return undefined;
    throw error;
  }
}
