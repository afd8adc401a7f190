/** Where a pipeline's source and table are, without touching anything. */
import { statSync } from "node:fs";
import { LandfallError } from "../base/landfall-error.ts";
import type { Pipeline } from "../declaration/declaration.ts";
import { literalFolderOf } from "../declaration/archive-policy.ts";
import { defaultPipelineName } from "../declaration/default-name.ts";
import { findOverlaps } from "../declaration/find-overlaps.ts";
import { splitSourceArguments, type PathKind } from "../declaration/source-location.ts";
import type { Source } from "../sources/source.ts";
import { localSource } from "../sources/local-source.ts";
import { canonicalPath } from "../base/canonical-path.ts";
import { sourceFiles, type SourceFiles } from "./source-files.ts";

export interface Places {
  readonly name: string;
  readonly source: string;
  readonly table: string;
  readonly recursive: boolean;
  readonly files: SourceFiles;
}

export interface PlacesOptions {
  readonly pipeline: Pipeline;
  /** Folders, files or globs that stand in for the declaration's source, as their user wrote them. Default: none. */
  readonly sources?: readonly string[];
  /** `--state`: where the ledger lies instead of in the table's folder. */
  readonly stateFolder?: string | undefined;
}

/** Where everything is, without touching anything. */
export function findPlaces(options: PlacesOptions): Places {
  const { pipeline } = options;
  const split = splitSourceArguments({
    arguments: options.sources ?? [pipeline.source.location],
    stat: pathKind,
  });
  if (pathKind(split.base) !== "folder") {
    throw new LandfallError("SOURCE_MISSING", {
      message: `The source ${split.base} does not exist.`,
      hint: "Check the path; Landfall does not create sources.",
    });
  }
  const source = canonicalPath(split.base);
  const table = canonicalPath(pipeline.table.location);
  const state = options.stateFolder === undefined ? {} : { state: canonicalPath(options.stateFolder) };
  const chosen = split.filter.files !== undefined || split.filter.globs !== undefined;
  // Named files or a glob beside the table are what a newcomer types: the listing then passes the table's folder by.
  const inside = chosen && table.startsWith(`${source === "/" ? "" : source}/`);
  const { archive, quarantine } = pipeline;
  const { history } = pipeline.table;
  const movedTo = {
    ...(archive?.kind === "move" ? { archive: canonicalPath(literalFolderOf(archive.to)) } : {}),
    ...(quarantine === undefined ? {} : { quarantine: canonicalPath(quarantine.to) }),
    ...(typeof history === "string" ? { history: canonicalPath(history) } : {}),
  };
  const [overlap] = findOverlaps({ source, table, ...state, ...movedTo }).filter(
    (error) => !inside || error.subject.table !== table,
  );
  if (overlap !== undefined) throw overlap;
  const { pathGlobFilter, format, ignore, ignoreHidden } = pipeline.source;
  return {
    name: pipeline.name ?? defaultPipelineName({ location: source, baseFolder: "/" }),
    source,
    table,
    // Names without a glob are files of the folder itself: nothing below it need be listed.
    recursive:
      pipeline.source.recursiveFileLookup &&
      !(split.filter.files !== undefined && split.filter.globs === undefined),
    files: sourceFiles({ filter: split.filter, pathGlobFilter, format, ignore, ignoreHidden }),
  };
}

/** The pipeline's source; nothing is touched before it is asked. */
export function sourceOf(
  pipeline: Pipeline,
  places: Pick<Places, "source" | "table" | "recursive" | "files">,
): Source {
  return localSource({
    root: places.source,
    accepts: places.files.accepts,
    names: places.files.names,
    recursive: places.recursive,
    except: places.table,
    generation: pipeline.source.generation,
    modifiedAfter: pipeline.source.modifiedAfter,
    modifiedBefore: pipeline.source.modifiedBefore,
    marker: pipeline.source.marker,
  });
}

function pathKind(path: string): PathKind {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined) return "missing";
  return info.isDirectory() ? "folder" : "file";
}
