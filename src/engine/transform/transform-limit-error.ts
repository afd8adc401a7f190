/** The error of a transform that went past its time or its memory: on the half of its rows it would do so again, or take as long to show it. */
import { LandfallError } from "../../base/landfall-error.ts";
import { formatDuration } from "../../base/units.ts";
import { titleOf, type BatchTransform } from "./batch-transform.ts";

/** What a timer counts to, 24 days: it would take more for nothing. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;

export class TransformLimitError extends LandfallError {
  constructor(transform: BatchTransform, options: { readonly why: string; readonly hint: string }) {
    const { why, hint } = options;
    super("TRANSFORM_FAILED", {
      message: `${titleOf(transform)} ${why}.`,
      hint: `${hint}; nothing was committed.`,
      ...(transform.kind === "module" ? { file: transform.path } : {}),
    });
  }
}

export function tooSlow(transform: BatchTransform, timeLimitMs: number): TransformLimitError {
  return new TransformLimitError(transform, {
    why: `was not done within ${formatDuration(timeLimitMs)}`,
    hint: "Raise limits.transformSeconds, or make batches smaller with limits.maxFilesPerTrigger",
  });
}
