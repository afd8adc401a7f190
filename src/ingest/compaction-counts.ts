import type { CompactedFile, CompactionRecord } from "./compaction-record.ts";
import type { CompactionCounts } from "./events.ts";

/** What a compaction came to, in so many milliseconds. */
export function compactionCounts(
  { inputs, outputs }: Pick<CompactionRecord, "inputs" | "outputs">,
  milliseconds: number,
): CompactionCounts {
  const bytes = (files: readonly CompactedFile[]): number => files.reduce((sum, file) => sum + file.bytes, 0);
  return {
    filesBefore: inputs.length,
    filesAfter: outputs.length,
    bytesBefore: bytes(inputs),
    bytesAfter: bytes(outputs),
    milliseconds,
  };
}

export const NOTHING_COMPACTED: CompactionCounts = {
  filesBefore: 0,
  filesAfter: 0,
  bytesBefore: 0,
  bytesAfter: 0,
  milliseconds: 0,
};

export function addCompacted(a: CompactionCounts, b: CompactionCounts): CompactionCounts {
  return {
    filesBefore: a.filesBefore + b.filesBefore,
    filesAfter: a.filesAfter + b.filesAfter,
    bytesBefore: a.bytesBefore + b.bytesBefore,
    bytesAfter: a.bytesAfter + b.bytesAfter,
    milliseconds: a.milliseconds + b.milliseconds,
  };
}
