/** What the decompressors share: their limits, and how they say that a file is damaged. */
import { LandfallError } from "../../base/landfall-error.ts";
import { formatBytes } from "../../base/units.ts";

export interface ExpansionLimits {
  /** Output over compressed bytes, from 16 MiB of output on. Default 200. */
  readonly maxExpansion?: number;
  /** Output bytes. Default 100 GB. */
  readonly maxExpandedBytes?: number;
}

export interface DecompressOptions extends ExpansionLimits {
  /** The next compressed bytes, undefined at the end; they may be overwritten by the call after. */
  readonly read: () => Buffer | undefined;
  /** Takes plain bytes, in order; they may be overwritten after it returns. */
  readonly write: (bytes: Buffer) => void;
  /** The name for messages. */
  readonly file: string;
  readonly signal?: AbortSignal;
}

/** Below this much output nobody is harmed, and tiny files of zeros are honest. */
const EXPANSION_FLOOR = 16 * 1024 * 1024;

/** Counts what a file grows to. */
export class ExpansionGuard {
  #total = 0;
  readonly #limits: ExpansionLimits;
  readonly #damaged: (what: string) => Error;

  constructor(limits: ExpansionLimits, damaged: (what: string) => Error) {
    this.#limits = limits;
    this.#damaged = damaged;
  }

  /** More output, of so many compressed bytes in all. @throws LandfallError FILE_DAMAGED beyond the limits */
  add(bytes: number, received: number): void {
    const { maxExpansion = 200, maxExpandedBytes = 100 * 1024 ** 3 } = this.#limits;
    this.#total += bytes;
    const isTooSteep = this.#total > EXPANSION_FLOOR && this.#total > maxExpansion * received;
    if (isTooSteep || this.#total > maxExpandedBytes)
      throw this.#damaged(`grows from ${formatBytes(received)} past ${formatBytes(this.#total)}`);
  }
}

/** The options' `write`, which holds what a compressed file grows to against the limits. `source.received`: compressed bytes so far. */
export function guardedWrite(
  options: DecompressOptions,
  source: { readonly received: number },
  damaged: Damaged,
): (bytes: Buffer) => void {
  const guard = new ExpansionGuard(options, damaged);
  return (bytes) => {
    guard.add(bytes.length, source.received);
    options.write(bytes);
  };
}

export type Damaged = (what: string, cause?: unknown) => LandfallError;

/** Makes the errors of one compressed file. */
export function damageOf(compression: string, file: string): Damaged {
  return (what, cause) =>
    new LandfallError("FILE_DAMAGED", {
      message: `${compression}: ${what}`,
      hint: "Nothing of the file was ingested. Deliver it again, or raise the limit if it is meant to be so.",
      file,
      cause,
    });
}
