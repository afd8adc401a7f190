/** The newest state of a table, kept from one question to the next: each goes on from the last by the commits since. */
import { commitKey } from "../delta/log-files.ts";
import { tableMissing } from "../delta/table-missing.ts";
import { advanceTableState, readTableState, type TableState } from "../delta/table-state.ts";
import type { TableParts } from "./table-access.ts";

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
        const commit = await commitMark(parts, state.version);
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
  if ((await commitMark(parts, state.version)) !== commit) return readAnew(parts, signal);
  const { storage, parquet, onNotice } = parts;
  return advanceTableState(state, { storage, parquet, onNotice, signal });
}

async function readAnew(parts: TableParts, signal: AbortSignal): Promise<TableState> {
  const { storage, parquet, onNotice } = parts;
  const state = await readTableState({ storage, parquet, onNotice, holdCommits: true, signal });
  if (state === undefined) throw tableMissing(storage);
  return state;
}

/** What tells a version's commit from another one under its name; undefined where it has been cleaned up. */
async function commitMark({ storage }: TableParts, version: number): Promise<string | undefined> {
  const object = await storage.head(commitKey(version));
  return object === undefined ? undefined : `${object.modifiedNs} ${object.size} ${object.etag ?? ""}`;
}
