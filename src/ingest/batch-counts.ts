/** Counts of files and rows: of a manifest, and of several batches together. */
import type { BatchCounts } from "./events.ts";
import { rowsInTable, type Manifest } from "./manifest.ts";

const NOTHING: BatchCounts = {
  files: 0,
  committed: 0,
  quarantined: 0,
  skipped: 0,
  rowsRead: 0,
  rowsWritten: 0,
  rowsRescued: 0,
  rowsIgnored: 0,
  rowsCorrupt: 0,
  rowsRejected: 0,
  rowsIntoTransform: 0,
  rowsOutOfTransform: 0,
  bytes: 0,
};

/** The sums of a manifest. */
export function batchCounts(manifest: Manifest): BatchCounts {
  const { transform } = manifest;
  const counts = {
    ...NOTHING,
    files: manifest.arrivals.length,
    rowsWritten: rowsInTable(manifest),
    rowsRejected: transform?.rejected ?? 0,
    rowsIntoTransform: transform?.rowsIn ?? 0,
    rowsOutOfTransform: transform?.rowsOut ?? 0,
  };
  for (const arrival of manifest.arrivals) {
    counts[arrival.outcome] += 1;
    counts.rowsRead += arrival.read;
    counts.rowsRescued += arrival.rescued;
    counts.rowsIgnored += arrival.ignored ?? 0;
    counts.rowsCorrupt += arrival.corrupt ?? 0;
    counts.rowsRejected += arrival.rejected;
    counts.bytes += arrival.bytes;
  }
  return counts;
}

/** All batches together; nothing for none. */
export function sumCounts(batches: readonly BatchCounts[]): BatchCounts {
  const totals = { ...NOTHING };
  for (const counts of batches) {
    for (const key of Object.keys(totals) as (keyof BatchCounts)[]) totals[key] += counts[key];
  }
  return totals;
}
