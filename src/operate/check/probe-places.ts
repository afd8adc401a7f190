/** Every place that a run reads or writes, tried out: read where it reads, written to and cleaned up where it writes. */
import { opendirSync } from "node:fs";
import { isLandfallError, LandfallError, messageOf } from "../../base/landfall-error.ts";
import { probeLedgerPlace } from "../../ledger/place.ts";
import { nearestFolder, probeFolder } from "../../storage/probe-folder.ts";

export interface PlaceToProbe {
  /** `source`, `table`, `state`, `archive`, `quarantine`, `history`. */
  readonly what: string;
  /** Absolute; need not be there where it is written to. */
  readonly path: string;
  readonly use: "read" | "take files from" | "commit to" | "keep the ledger in" | "move files to";
  /** What must hold of what lies there, beside its use; rejects with what does not. Default: nothing. */
  readonly judge?: (() => Promise<void>) | undefined;
}

export interface ProbedPlace extends PlaceToProbe {
  /** False: a run makes it. */
  readonly isThere: boolean;
  readonly problem: LandfallError | undefined;
}

/** Pure. `state` is the folder of the ledger; the others are what the declaration names. */
export function placesToProbe(places: {
  readonly source: string;
  readonly table: string;
  readonly state: string;
  readonly archive: string | undefined;
  readonly quarantine: string | undefined;
  /** Of the table of the history. */
  readonly history: Pick<PlaceToProbe, "path" | "judge"> | undefined;
  /** Files leave the source after they have been read. */
  readonly tidies: boolean;
}): PlaceToProbe[] {
  const { source, table, state, archive, quarantine, history, tidies } = places;
  return [
    { what: "source", path: source, use: "read" },
    ...(tidies ? [{ what: "source", path: source, use: "take files from" } as const] : []),
    { what: "table", path: table, use: "commit to" },
    { what: "log", path: `${table}/_delta_log`, use: "commit to" },
    { what: "state", path: state, use: "keep the ledger in" },
    ...(archive === undefined ? [] : [{ what: "archive", path: archive, use: "move files to" } as const]),
    ...(quarantine === undefined
      ? []
      : [{ what: "quarantine", path: quarantine, use: "move files to" } as const]),
    ...(history === undefined ? [] : [{ ...history, what: "history", use: "commit to" } as const]),
  ];
}

/** What is not there is tried where it would be made. Nothing stays behind; a place that fails does not keep the others from being tried. */
export async function probePlaces(places: readonly PlaceToProbe[]): Promise<ProbedPlace[]> {
  const probed: ProbedPlace[] = [];
  for (const place of places) {
    const folder = nearestFolder(place.path);
    const isThere = folder === place.path;
    // The log of a table that is still to be made is tried with the table.
    if (place.what === "log" && !isThere) continue;
    probed.push({ ...place, isThere, problem: await problemOf(place, folder) });
  }
  return probed;
}

async function problemOf(
  { use, path, judge }: PlaceToProbe,
  folder: string,
): Promise<LandfallError | undefined> {
  try {
    if (use === "read") readable(path);
    else probeFolder({ folder, ...(use === "commit to" ? { linksBy: "put-if-absent" } : {}) });
    if (use === "keep the ledger in") await probeLedgerPlace(folder);
    await judge?.();
    return undefined;
  } catch (error) {
    if (isLandfallError(error)) return error;
    throw error;
  }
}

function readable(path: string): void {
  try {
    const folder = opendirSync(path);
    folder.readSync();
    folder.closeSync();
  } catch (error) {
    throw new LandfallError("SOURCE_UNREADABLE", {
      message: `The source ${path} cannot be listed: ${messageOf(error)}.`,
      hint: "Give the user that runs landfall the right to read it.",
      file: path,
      cause: error,
    });
  }
}
