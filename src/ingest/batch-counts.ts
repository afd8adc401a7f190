/** Counts of files and rows: of a manifest, and of several batches together. */
import type { BatchCounts } from "./events.ts";
import type { Manifest } from "./manifest.ts";

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
  bytes: 0,
};

/** The sums of a manifest. */
export function batchCounts(manifest: Manifest): BatchCounts {
  const counts = { ...NOTHING, files: manifest.arrivals.length };
  for (const arrival of manifest.arrivals) {
    counts[arrival.outcome] += 1;
    counts.rowsRead += arrival.read;
    counts.rowsWritten += arrival.written;
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
