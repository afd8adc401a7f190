import type { CompactionCounts } from "./events.ts";

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
