/** `_last_checkpoint`, by which readers find the newest checkpoint without a listing (PROTOCOL.md, "Last Checkpoint File"). */
import type { Storage } from "../storage/storage.ts";
import { LAST_CHECKPOINT } from "./log-files.ts";
import { lastCheckpointHint, listLog } from "./log-storage.ts";
import { jsonText } from "./raw-json.ts";
import { replaceObject } from "./replace-object.ts";

export interface LastCheckpoint {
  readonly version: number;
  /** Actions in it. */
  readonly size: number;
  readonly sizeInBytes: number;
  readonly numOfAddFiles: number;
  /** Of one of the V2 spec: the field, which the protocol does not name, by which Delta Spark saves the reading of its file on top. */
  readonly v2Checkpoint?: LastCheckpointV2 | undefined;
}

export interface LastCheckpointV2 {
  /** The name in `_delta_log` of the file on top. */
  readonly path: string;
  readonly sizeInBytes: number;
  /** Milliseconds since the epoch. */
  readonly modificationTime: number;
  readonly nonFileActions?: readonly object[];
  readonly sidecarFiles?: readonly object[];
}

/** Longer lists are left out, as Delta Spark does: the file is read by everybody and each time. */
const MOST_LISTED = 30;

/**
 * Written without the optional checksum, and never set back: a slower writer may finish after a faster one. It is neither
 * authoritative nor needed.
 *
 * @throws LandfallError storage errors
 */
export async function pointTo(storage: Storage, written: LastCheckpoint): Promise<void> {
  const hint = await lastCheckpointHint(storage);
  if (typeof hint === "number" && hint > written.version) {
    const { checkpoints } = await listLog({ storage, from: hint });
    if (checkpoints.some(({ version }) => version === hint)) return;
  }
  const { v2Checkpoint, ...rest } = written;
  const content = v2Checkpoint === undefined ? rest : { ...rest, v2Checkpoint: shortened(v2Checkpoint) };
  await replaceObject(storage, LAST_CHECKPOINT, (key) => storage.put(key, jsonText(content)));
}

function shortened({ nonFileActions = [], sidecarFiles = [], ...file }: LastCheckpointV2): LastCheckpointV2 {
  return {
    ...file,
    ...(nonFileActions.length > MOST_LISTED ? {} : { nonFileActions }),
    ...(sidecarFiles.length > MOST_LISTED ? {} : { sidecarFiles }),
  };
}
