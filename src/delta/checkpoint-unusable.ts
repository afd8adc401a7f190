import type { LandfallError } from "../base/landfall-error.ts";

/** A checkpoint that cannot be used; an older one or the commits may serve instead. */
export class CheckpointUnusable extends Error {
  /** What to throw when nothing else serves, where that is more than "damaged". */
  readonly refusal: LandfallError | undefined;

  constructor(message: string, options: { readonly cause?: unknown; readonly refusal?: LandfallError } = {}) {
    super(message, { cause: options.cause });
    this.refusal = options.refusal;
  }
}
