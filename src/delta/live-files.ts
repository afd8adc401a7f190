/** The live files of a version, streamed: a table of many files is not held in memory to look at them. */
import { parseJson } from "../base/lossless-json.ts";
import type { AddFile } from "./actions.ts";
import { untouchedRows, type KeptRows } from "./kept-rows.ts";
import { localRoot } from "./locate-file.ts";
import { parseActions } from "./parse-action.ts";
import { replayCommits, replayFiles, type FileAction } from "./snapshot.ts";
import type { ReadTableOptions, TableState } from "./table-state.ts";
import { withSegment } from "./with-segment.ts";

/** A version's files and tombstones, from the rows that were kept of a version before it: lines are live files. */
export async function* filesSince(
  options: Pick<ReadTableOptions, "storage" | "signal"> & { readonly version: number },
  kept: KeptRows,
): AsyncGenerator<string | FileAction> {
  const { storage, version, signal } = options;
  const touched = new Set<string>();
  yield* replayCommits(
    { storage, segment: { version, checkpoint: { version: kept.version } }, signal },
    touched,
  );
  yield* untouchedRows(kept, { touched, root: localRoot(storage) });
}

/**
 * Reads the live files of a known state; from the rows that were kept where there are any, which needs no engine.
 *
 * @param read may be called again, from the start, when a checkpoint turns out to be unusable
 * @throws LandfallError as `readTableState`
 */
export async function readLiveFiles<T>(
  options: Omit<ReadTableOptions, "version"> & {
    readonly state: TableState;
    readonly kept?: KeptRows | undefined;
  },
  read: (live: AsyncIterable<AddFile>) => Promise<T>,
): Promise<T | undefined> {
  const { state, kept, storage, signal } = options;
  const { version, schema, segment: known, held } = state;
  const call = signal === undefined ? {} : { signal };
  if (kept !== undefined && kept.tableId === state.metadata.id && kept.version <= version)
    return read(addsOf(filesSince({ storage, version, ...call }, kept)));
  return withSegment({ ...options, version, known }, (segment) =>
    read(addsOf(replayFiles({ ...options, segment, held, schema }))),
  );
}

async function* addsOf(files: AsyncIterable<string | FileAction>): AsyncGenerator<AddFile> {
  for await (const file of files) {
    if (typeof file === "string") {
      for (const action of parseActions(parseJson(file))) if ("add" in action) yield action.add;
    } else if ("add" in file) yield file.add;
  }
}
