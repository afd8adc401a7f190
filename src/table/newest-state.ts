/** The newest state of a table, kept from one question to the next: each goes on from the last by the commits since. */
import { isLandfallError } from "../base/landfall-error.ts";
import { commitMark } from "../delta/commit-mark.ts";
import { commitKey } from "../delta/log-files.ts";
import { tableMissing } from "../delta/table-missing.ts";
import {
  advanceTableState,
  readTableState,
  stateAfterCommits,
  type TableState,
} from "../delta/table-state.ts";
import type { TableParts } from "./table-access.ts";

/** Newer commits than these are listed: a checkpoint may save the reading of them. */
const LOOKED_FOR = 10;

type Read = (parts: TableParts, signal: AbortSignal) => Promise<TableState>;

/** @throws LandfallError TABLE_MISSING; as `readTableState` */
export function newestState(): { readonly read: Read; known(version: number): TableState | undefined } {
  let known: { readonly state: TableState; readonly commit: string } | undefined;
  return {
    async read(parts, signal) {
      const before = known;
      const state = await (before === undefined
        ? readAnew(parts, signal)
        : goOn(before.state, before.commit, parts, signal));
      if (state !== known?.state) {
        const commit = await commitMark(parts.storage, state.version);
        known = commit === undefined ? undefined : { state, commit };
      }
      return state;
    },
    known: (version) => (known?.state.version === version ? known.state : undefined),
  };
}

async function goOn(
  state: TableState,
  commit: string,
  parts: TableParts,
  signal: AbortSignal,
): Promise<TableState> {
  // Another table may have been made in the same place, and of the known version nothing may be left to compare.
  if ((await commitMark(parts.storage, state.version)) !== commit) return readAnew(parts, signal);
  const { storage, parquet, onNotice } = parts;
  const reading = { storage, parquet, onNotice, signal };
  // As its own commit is there, so are all after it: a few are looked for by their names, since a folder of many commits takes long to list.
  const isThere = async (version: number): Promise<boolean> =>
    (await storage.head(commitKey(version))) !== undefined;
  const versions: number[] = [];
  let next = state.version + 1;
  for (; versions.length <= LOOKED_FOR && (await isThere(next)); next++) versions.push(next);
  // One further, too: a version that is lost among others is no end of the table, and must not be written anew.
  if (versions.length > LOOKED_FOR || (await isThere(next + 1))) return advanceTableState(state, reading);
  if (versions.length === 0) return state;
  try {
    return await stateAfterCommits(state, versions, reading);
  } catch (error) {
    // Cleaned up since it was looked for.
    if (!isLandfallError(error, "OBJECT_MISSING")) throw error;
    return advanceTableState(state, reading);
  }
}

async function readAnew(parts: TableParts, signal: AbortSignal): Promise<TableState> {
  const { storage, parquet, onNotice } = parts;
  const state = await readTableState({ storage, parquet, onNotice, holdCommits: true, signal });
  if (state === undefined) throw tableMissing(storage);
  return state;
}
