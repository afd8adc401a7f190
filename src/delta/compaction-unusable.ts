import type { LogCompaction } from "./log-storage.ts";

/** A log compaction file that cannot be used; the commits that it stands for serve instead. */
export class CompactionUnusable extends Error {
  readonly compaction: LogCompaction;

  constructor(compaction: LogCompaction, cause: Error) {
    super(cause.message, { cause });
    this.compaction = compaction;
  }
}
