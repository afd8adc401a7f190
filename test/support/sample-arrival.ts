import type { ManifestArrival } from "../../src/ingest/manifest.ts";

/** A file of 5 records, one of them rejected, as its manifest tells it. */
export const SAMPLE_ARRIVAL: ManifestArrival = {
  key: "a.json",
  generation: "g",
  size: 9,
  modifiedNs: "1",
  outcome: "committed",
  bytes: 9,
  crc32: 1,
  read: 5,
  written: 4,
  rescued: 0,
  rejected: 1,
};
