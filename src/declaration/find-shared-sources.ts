/** Two pipelines on one source, one of which takes files away: the other may never see them. Pure. */
import { LandfallError } from "../base/landfall-error.ts";

export interface SourceUse {
  /** As messages name the pipeline. */
  readonly pipeline: string;
  /** Canonical. */
  readonly source: string;
  readonly table: string;
  /** It reads folders inside the source, too. */
  readonly recursive: boolean;
  readonly pathGlobFilter: string | undefined;
  /** It archives, deletes or moves files to quarantine. */
  readonly takesAway: boolean;
}

/**
 * Each two that share files, as OVERLAP errors; none: an empty list. Filters that are an ending, such as `*.json`, tell files apart where neither
 * ends with the other; of any other nobody can say.
 */
export function findSharedSources(uses: readonly SourceUse[]): readonly LandfallError[] {
  const errors: LandfallError[] = [];
  for (const [i, one] of uses.entries()) {
    for (const other of uses.slice(i + 1)) {
      // One pipeline given twice is one: its lease tells.
      if (one.pipeline === other.pipeline && one.table === other.table) continue;
      if ((one.takesAway || other.takesAway) && mayShare(one, other)) errors.push(shared(one, other));
    }
  }
  return errors;
}

function mayShare(one: SourceUse, other: SourceUse): boolean {
  if (!reaches(one, other.source) && !reaches(other, one.source)) return false;
  const endings = [one, other].map(({ pathGlobFilter }) => ending(pathGlobFilter));
  const [first, second] = endings;
  if (first === undefined || second === undefined) return true;
  return first.endsWith(second) || second.endsWith(first);
}

/** Files of that folder are among those that it reads. */
function reaches({ source, recursive }: SourceUse, folder: string): boolean {
  return source === folder || (recursive && folder.startsWith(source === "/" ? "/" : `${source}/`));
}

/** Of `*.json` it is `.json`; undefined for any other filter. */
function ending(filter: string | undefined): string | undefined {
  return /^\*([^*?[\]{}()!+@|\\]+)$/.exec(filter ?? "")?.[1];
}

function shared(one: SourceUse, other: SourceUse): LandfallError {
  const [taking, reading] = one.takesAway ? [one, other] : [other, one];
  const where = taking.source === reading.source ? taking.source : `${taking.source} and ${reading.source}`;
  return new LandfallError("OVERLAP", {
    message: `the pipelines "${taking.pipeline}" and "${reading.pipeline}" read the same files (${where}), and "${taking.pipeline}" takes them away once it has read them`,
    hint: "Give each files of its own (another folder, or a pathGlobFilter such as '*.json' in each), or leave archive and quarantine out.",
  });
}
