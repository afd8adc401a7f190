/** Places that must be apart: a table that lies in its own source would be ingested into itself. */
import { LandfallError } from "../base/landfall-error.ts";

/**
 * Every overlap among a pipeline's places, as OVERLAP errors; none: an empty list. All paths are absolute and canonical: links
 * resolved, and on a file system that ignores case in the spelling of the disk. `state` is where the pipeline's state lies when
 * it is not in the table's folder. The source and each of the others must lie outside each other; a filter changes nothing,
 * since it may change tomorrow. So must the table and where files are moved to, since vacuum removes what is not the table's.
 */
export function findOverlaps(places: {
  readonly source: string;
  readonly table: string;
  readonly state?: string;
  /** Without date parts. */
  readonly archive?: string;
  readonly quarantine?: string;
  /** Of the table of the history, where it has a place of its own. */
  readonly history?: string;
}): readonly LandfallError[] {
  const { source, table, state, archive, quarantine, history } = places;
  const apart = [
    ...(archive === undefined ? [] : [{ what: "archive", place: archive }]),
    ...(quarantine === undefined ? [] : [{ what: "quarantine folder", place: quarantine }]),
    ...(history === undefined ? [] : [{ what: "table of the history", place: history }]),
  ];
  return [
    ...overlapWithSource({ source, what: "table", place: table }),
    ...(state === undefined ? [] : overlapWithSource({ source, what: "state folder", place: state })),
    ...apart.flatMap(({ what, place }) => [
      ...overlapWithSource({ source, what, place }),
      ...overlapWithTable({ table, what, place }),
    ]),
    ...(archive !== undefined && archive === quarantine ? [oneForBoth(archive)] : []),
  ];
}

function oneForBoth(place: string): LandfallError {
  return new LandfallError("OVERLAP", {
    message: `the archive and the quarantine folder are the same folder, ${place}`,
    hint: "Give each a folder of its own: what is archived is in the table, what is quarantined is not.",
  });
}

function overlapWithTable(options: {
  readonly table: string;
  readonly what: string;
  readonly place: string;
}): LandfallError[] {
  const { table, what, place } = options;
  const relation = relationOf({ place, source: table });
  if (!relation) return [];
  const message = {
    equal: `the table and the ${what} are the same folder, ${place}`,
    inside: `the ${what} ${place} lies inside the table ${table}: a vacuum would remove its files`,
    around: `the table ${table} lies inside the ${what} ${place}: files that are put there may fall into it`,
  }[relation];
  return [
    new LandfallError("OVERLAP", {
      message,
      hint: `Put the ${what} somewhere outside the table, for example beside it.`,
    }),
  ];
}

function overlapWithSource(options: {
  readonly source: string;
  readonly what: string;
  readonly place: string;
}): LandfallError[] {
  const { source, what, place } = options;
  const relation = relationOf({ place, source });
  if (!relation) return [];
  const message = {
    equal: `the source and the ${what} are the same folder, ${place}`,
    inside: `the ${what} ${place} lies inside the source ${source}: its files would be ingested`,
    around: `the source ${source} lies inside the ${what} ${place}`,
  }[relation];
  return [
    new LandfallError("OVERLAP", {
      message,
      hint: `Put the ${what} somewhere outside the source, for example beside it.`,
      ...(what === "table" ? { table: place } : {}),
    }),
  ];
}

function relationOf(options: {
  readonly place: string;
  readonly source: string;
}): "equal" | "inside" | "around" | undefined {
  const place = withEnd(options.place);
  const source = withEnd(options.source);
  if (place === source) return "equal";
  if (place.startsWith(source)) return "inside";
  return source.startsWith(place) ? "around" : undefined;
}

// With a slash at the end, `/data/in` is no beginning of `/data/in2`.
function withEnd(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}
