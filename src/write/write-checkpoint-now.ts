import type { OptionKinds } from "../base/check-options.ts";
import { writeCheckpoint, type CheckpointWritten } from "../delta/checkpoint.ts";
import type { WriteContext } from "./write-context.ts";

export interface CheckpointOptions {
  readonly signal?: AbortSignal | undefined;
}

export const CHECKPOINT_OPTIONS: OptionKinds<CheckpointOptions> = { signal: "signal" };

/**
 * Writes a checkpoint of the newest version, whether or not one is due: the table is then read from it and the commits since. No version is
 * made; twice does no harm.
 *
 * @throws LandfallError TABLE_FEATURE_UNSUPPORTED, storage and engine errors, after which the table is as it was
 */
export function writeCheckpointNow(
  context: WriteContext,
  options: CheckpointOptions = {},
): Promise<CheckpointWritten> {
  return context.access.ask(options.signal, async (parts, signal) => {
    const { storage, parquet } = parts;
    const state = await context.newest(parts, signal);
    const { version, size, sizeInBytes, numOfAddFiles } = await writeCheckpoint({
      storage,
      parquet,
      version: state.version,
      now: context.clock.now(),
      state,
      signal,
    });
    return { version, size, sizeInBytes, numOfAddFiles };
  });
}
