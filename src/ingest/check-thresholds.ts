/** Thresholds that stop a batch uncommitted: so much of it is bad that a person should look before the rest goes in. */
import { LandfallError } from "../base/landfall-error.ts";
import { displayKey } from "../base/path-bytes.ts";
import { formatCount } from "../base/units.ts";
import type { StageResult } from "../engine/engine.ts";

export interface Thresholds {
  /** Records of one batch that may be rejected. Default: any number. */
  readonly maxRejected?: number | undefined;
  /** Files of one batch that may be quarantined. Default: any number. */
  readonly maxQuarantined?: number | undefined;
}

/** Files named in the message. */
const NAMED = 5;

/** @throws LandfallError TOO_MANY_REJECTED, TOO_MANY_QUARANTINED; the batch is void then, and its files are read again by the next run */
export function checkThresholds(
  { files, transformed }: Pick<StageResult, "files" | "transformed">,
  thresholds: Thresholds,
): void {
  const { maxRejected = Infinity, maxQuarantined = Infinity } = thresholds;
  const quarantined = files.filter((file) => file.outcome === "quarantined");
  if (quarantined.length > maxQuarantined) {
    const names = quarantined.map((file) => `${displayKey(file.key)} (${file.reason ?? "damaged"})`);
    throw new LandfallError("TOO_MANY_QUARANTINED", {
      message: `${countOf(quarantined.length, "file")} of this batch would be quarantined; limits.maxQuarantined is ${maxQuarantined}: ${listed(names)}.`,
      hint: "Nothing was committed. Mend or remove the files, or raise limits.maxQuarantined, and run again.",
    });
  }
  const afterwards = transformed?.rejected ?? 0;
  const rejected = files.reduce((total, file) => total + file.rejected, afterwards);
  if (rejected <= maxRejected) return;
  const worst = files.filter((file) => file.rejected > 0).sort((a, b) => b.rejected - a.rejected);
  const names = [
    ...(afterwards > 0 ? [`rows of the transform (${formatCount(afterwards)})`] : []),
    ...worst.map((file) => `${displayKey(file.key)} (${formatCount(file.rejected)})`),
  ];
  throw new LandfallError("TOO_MANY_REJECTED", {
    message: `${countOf(rejected, "record")} of this batch would be rejected; limits.maxRejected is ${maxRejected}: ${listed(names)}.`,
    hint: "Nothing was committed. Mend or remove the files, or raise limits.maxRejected, and run again.",
  });
}

function countOf(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;
}

function listed(names: readonly string[]): string {
  return names.length <= NAMED ? names.join(", ") : `${names.slice(0, NAMED).join(", ")}, …`;
}
