/** What the values of Delta's own table properties may be (Delta Lake, "Table properties reference"). Pure. */
import { parseBytes } from "../../base/units.ts";
import { ISOLATION_LEVELS } from "../../delta/conflicts/isolation-level.ts";
import { parseInterval } from "../../delta/interval.ts";

interface Values {
  readonly words: string;
  readonly hold: (value: string) => boolean;
}

const oneOf = (...words: readonly string[]): Values => ({
  words: words.join(" or "),
  hold: (value) => words.some((word) => word.toLowerCase() === value.toLowerCase()),
});

const FLAG = oneOf("true", "false");
const INTERVAL: Values = {
  words: "an interval such as interval 7 days",
  hold: (value) => parseInterval(value) !== undefined,
};
const COUNT: Values = { words: "a whole number from 1", hold: (value) => /^0*[1-9]\d{0,8}$/.test(value) };
const TEXT: Values = { words: "a text", hold: () => true };

/** By its name, in the spelling that writers know. */
export const PROPERTY_VALUES: ReadonlyMap<string, Values> = new Map([
  ["delta.appendOnly", FLAG],
  ["delta.autoOptimize.autoCompact", oneOf("true", "false", "auto", "legacy")],
  ["delta.autoOptimize.optimizeWrite", FLAG],
  ["delta.checkpoint.writeStatsAsJson", FLAG],
  ["delta.checkpoint.writeStatsAsStruct", FLAG],
  ["delta.checkpointInterval", COUNT],
  [
    "delta.checkpointPolicy",
    { words: "classic or v2", hold: (value) => value === "classic" || value === "v2" },
  ],
  ["delta.columnMapping.mode", TEXT],
  ["delta.compatibility.symlinkFormatManifest.enabled", FLAG],
  [
    "delta.dataSkippingNumIndexedCols",
    { words: "a whole number from -1", hold: (value) => /^(?:-1|\d{1,9})$/.test(value) },
  ],
  ["delta.dataSkippingStatsColumns", TEXT],
  ["delta.deletedFileRetentionDuration", INTERVAL],
  ["delta.enableChangeDataFeed", FLAG],
  ["delta.enableDeletionVectors", FLAG],
  ["delta.enableExpiredLogCleanup", FLAG],
  ["delta.enableInCommitTimestamps", FLAG],
  ["delta.enableRowTracking", FLAG],
  ["delta.enableTypeWidening", FLAG],
  ["delta.isolationLevel", oneOf(...ISOLATION_LEVELS)],
  ["delta.logRetentionDuration", INTERVAL],
  ["delta.randomizeFilePrefixes", FLAG],
  ["delta.randomPrefixLength", COUNT],
  ["delta.setTransactionRetentionDuration", INTERVAL],
  ["delta.targetFileSize", { words: "a size such as 256m", hold: (value) => (parseBytes(value) ?? 0) > 0 }],
  ["delta.tuneFileSizesForRewrites", FLAG],
]);
