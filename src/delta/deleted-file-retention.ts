import { parseInterval } from "./interval.ts";

const DEFAULT = 7 * 86_400_000;

/**
 * Milliseconds that a file stays after it was taken out of the table (`delta.deletedFileRetentionDuration`, default a week). What cannot be
 * read is Infinity: too many tombstones do no harm, too few let a vacuum elsewhere miss files.
 */
export function deletedFileRetention(configuration: Readonly<Record<string, string>>): number {
  const property = configuration["delta.deletedFileRetentionDuration"];
  return property === undefined ? DEFAULT : (parseInterval(property) ?? Number.POSITIVE_INFINITY);
}
